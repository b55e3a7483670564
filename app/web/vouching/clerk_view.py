"""The clerk's counter as a page: the citizen at it, what may be certified, the day's list."""

from __future__ import annotations

from datetime import datetime, time
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, request

from app.actions.attestation import live_visit
from app.actions.keys import keys_of
from app.actions.models import Action, Visit
from app.context import db_session, now, services
from app.errors import Problem
from app.identity.models import Organisation, Role
from app.identity.people import person_by_email
from app.identity.presence import code_at, presence_secret
from app.impact.catalogue import catalogue
from app.impact.entries import ActionType
from app.privacy.service import pseudonym
from app.rewards.models import Programme
from app.rewards.valuing.terms import terms_of
from app.security import principal
from app.web import formats
from app.web.parts import attesters_domain
from app.web.shell import page
from app.web.telling import deed_lists, deeds
from app.web.telling.key_words import key_state
from app.web.words import gettext as _
from app.web.words import locale

TOUR_CITIZEN = "citizen@demo.example"
USUAL = 4  # tiles in sight; with more, the quantity would lie below the screen


def own_organisation() -> Organisation:
    return db_session().get_one(Organisation, principal().organisation(Role.ATTESTER))


def counter(
    problem: Problem | None,
    *,
    done: UUID | None = None,
    visit: str | None = None,
    again: str | None = None,
) -> Response:
    """`again`: the ticket of whoever was just served, who may have done more."""
    session, clerk, at = db_session(), principal().person_id, now()
    organisation = own_organisation()
    known = visit_of(visit, clerk, at) if visit else None
    return page(
        "attest/home.html",
        problem=problem,
        organisation=organisation,
        domain=domain_json(),
        keys=_key_states(organisation, at),
        words=_words(organisation, known),
        citizen={"ticket": visit} if known else None,
        demo_code=None if known else tour_code(at),
        again=again if _stands_there(again, clerk, at) else None,
        types=_types(organisation, clerk, known) if known else {},
        form=request.form,
        done=_done(done, clerk, at),
        today=[
            deeds.shown(action, at)
            for action in deed_lists.entered_since(session, clerk, _midnight(organisation, at))
        ],
    )


def _midnight(organisation: Organisation, at: datetime) -> datetime:
    zone = ZoneInfo(organisation.time_zone)
    return datetime.combine(at.astimezone(zone).date(), time(), zone)


def visit_of(ticket: str, clerk: UUID, at: datetime) -> Visit:
    try:
        subject = bytes.fromhex(ticket)
    except ValueError as error:
        raise Problem("visit-unknown") from error
    return live_visit(db_session(), subject, clerk_id=clerk, now=at)


def _stands_there(ticket: str | None, clerk: UUID, at: datetime) -> bool:
    try:
        return ticket is not None and visit_of(ticket, clerk, at) is not None
    except Problem:
        return False  # their ten minutes are over


def _done(action_id: UUID | None, clerk: UUID, at: datetime) -> SimpleNamespace | None:
    """The deed just certified, with the time until which it can be undone."""
    action = db_session().get(Action, action_id) if action_id else None
    if action is None or action.entered_by != clerk or not deeds.shown(action, at).may_undo:
        return None
    until = formats.hour(action.undo_until) if action.undo_until else ""
    waits = deeds.shown(action, at).waits
    return SimpleNamespace(id=action.id, what=deeds.what(action), undo_until=until, waits=waits)


def domain_json() -> dict[str, Any]:
    domain = attesters_domain()
    return {
        "name": domain.name,
        "version": "1",
        "chainId": domain.chain_id,
        "verifyingContract": domain.contract,
        "salt": "0x" + domain.salt.hex(),
    }


def _key_states(organisation: Organisation, at: datetime) -> dict[str, str]:
    return {
        key.address: key_state(key, organisation, at)
        for key in keys_of(db_session(), organisation.id)
        if key.person_id == principal().person_id
    }


def _key_slot(organisation: Organisation) -> str:
    """Where the browser keeps the clerk's key; at a station each clerk has one of their own."""
    slot, person = f"attester:{organisation.id}", principal()
    if person.station_id is None:
        return slot
    return f"{slot}:{pseudonym(services().keyring, 'key-slot', person.person_id.bytes).hex()[:16]}"


def _words(organisation: Organisation, visit: Visit | None) -> dict[str, Any]:
    """What the page's script needs to sign and to say."""
    programme = db_session().get(Programme, visit.programme_id) if visit else None
    return {
        "organisation": str(organisation.id),
        "slot": _key_slot(organisation),
        "attester": organisation.key_address,
        "programmeId": "0x" + programme.chain_id.hex() if programme else None,
        "subject": "0x" + visit.subject.hex() if visit else None,
        "asked": _("This browser's key waits for your administrator's certificate."),
        "revoked": _("This browser's key was revoked: nothing that it signs is taken any more."),
        "ended": _("This browser's key has run out: nothing that it signs is taken any more."),
        "noKind": _("Choose what was done."),
        "unusual": _("{quantity} {unit} is more than usual. Is it right?"),
        "tooMuch": _("At most {most} at a time."),
        "notANumber": _("Type a number, such as 3.5."),
        "noStorage": _("This browser can't keep a key: allow storage, or use another one."),
    }


def _types(
    organisation: Organisation, clerk: UUID, visit: Visit
) -> dict[str, list[dict[str, Any]]]:
    """What may be certified here: what is usual, last used first; the others as listed always."""
    session = db_session()
    terms = terms_of(session, session.get_one(Programme, visit.programme_id), now())
    scope = _scope(organisation, clerk, now())
    kinds = {
        kind.id: kind
        for kind in sorted(catalogue().action_types(), key=lambda kind: kind.number)
        if kind.id in terms.action_types
        and "attested" in kind.proof_levels
        and (scope is None or kind.id in scope)
    }
    used = deed_lists.last_types(session, clerk, organisation.id)
    usual = [slug for slug in used if slug in kinds][:USUAL]
    others = [slug for slug in kinds if slug not in usual]
    return {
        "usual": [_tile(kinds[slug]) for slug in usual],
        "others": [_tile(kinds[slug]) for slug in others],
    }


def _scope(organisation: Organisation, clerk: UUID, at: datetime) -> set[str] | None:
    """The kinds that the clerk's certified keys may vouch for; None is every kind."""
    scopes = [
        key.scope
        for key in keys_of(db_session(), organisation.id)
        if key.person_id == clerk and key_state(key, organisation, at) == "certified"
    ]
    return {slug for scope in scopes for slug in scope} if scopes and all(scopes) else None


def _tile(kind: ActionType) -> dict[str, Any]:
    return {
        "id": kind.id,
        "name": kind.name[locale()],
        "number": kind.number,
        "version": kind.version,
        "usual_max": kind.quantity_usual,
        "most": kind.quantity_max,
        "most_words": formats.amount(kind.quantity_max / kind.entry_size, kind.entry_unit),
        "unit_words": formats.unit(kind.entry_unit),
        "scale": kind.entry_size,
    }


def tour_code(at: datetime) -> SimpleNamespace | None:
    """In the demo, what the tour's citizen shows at this moment."""
    if not services().settings.demo:
        return None
    citizen = person_by_email(db_session(), TOUR_CITIZEN)
    if citizen is None:
        return None
    own = presence_secret(db_session(), citizen.id, at)
    db_session().commit()  # made at first use, and this is a GET
    return SimpleNamespace(short_number=own.short_number, time_code=code_at(own.secret, at))
