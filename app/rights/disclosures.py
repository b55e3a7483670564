"""People's data for a study: asked for by purpose, recipient and fields, answered person by person.

An officer admits a request; only then are people asked, and each answer asks every consent again.
What is handed out goes through the gate and into the person's own access log. Callers commit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, not_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.errors import NotFound, Problem
from app.identity.service import partners
from app.impact.catalogue import catalogue
from app.privacy.consent_held import in_force
from app.privacy.consents import end_for
from app.privacy.halts import halted
from app.privacy.models import Consent
from app.privacy.notices import OPERATOR, purpose_named, register
from app.privacy.rules import ConsentState
from app.privacy.service import Actor, look_at, salt_for
from app.rewards.batches.cells import FEWEST_PEOPLE
from app.rights import disclosure_problems
from app.rights.disclosure_models import Disclosure, DisclosureState

__all__ = ["disclosure_problems"]

PURPOSES = ("research",)
"""Those whose notice says that somebody is handed data."""
LASTS = timedelta(days=730)  # as the notice says
REASONS = {"consent-missing": "no-consent", "use-halted": "halted", "data-erased": "erased"}
UNREGISTERED = "not-in-register"
_COUNTS = (ActionState.AUTHENTICATED, ActionState.BATCHED, ActionState.SETTLED)


def ask(
    session: Session,
    *,
    purpose: str,
    organisation_id: UUID | None,
    fields: list[str],
    study: str,
    by: UUID,
    now: datetime,
) -> Disclosure:
    """Raises Problem disclosure-purpose, disclosure-field, disclosure-open."""
    if purpose not in PURPOSES:
        raise Problem("disclosure-purpose", field="purpose", choices=", ".join(PURPOSES))
    known = register()["data"]
    if not fields or set(fields) - set(known):
        raise Problem("disclosure-field", field="fields", choices=", ".join(known))
    made = Disclosure(
        recipient=str(organisation_id or OPERATOR), organisation_id=organisation_id,
        purpose=purpose, fields=sorted(set(fields)), study=study, state=DisclosureState.ASKED,
        asked_by=by, asked_at=now,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:
        raise Problem("disclosure-open", field="purpose") from error
    return made


def decide(
    session: Session, disclosure_id: UUID, *, admitted: bool, by: UUID, now: datetime
) -> Disclosure:
    """By an officer who did not ask. Who agreed to an earlier study of this body is asked anew.

    Raises Problem disclosure-decided, disclosure-own.
    """
    found = _locked(session, disclosure_id)
    if found.asked_by == by:
        raise Problem("disclosure-own")
    if found.state is not DisclosureState.ASKED:
        raise Problem("disclosure-decided")
    found.state = DisclosureState.ADMITTED if admitted else DisclosureState.REFUSED
    found.decided_by, found.decided_at = by, now
    found.until = now + LASTS if admitted else None
    if admitted:
        end_for(session, found.purpose, found.recipient, now)
    session.flush()
    return found


def end(session: Session, disclosure_id: UUID, *, recipient: str | None) -> None:
    """Nothing is handed out any more; `recipient` None: by an officer. Twice changes nothing."""
    found = _locked(session, disclosure_id)
    if recipient not in (None, found.recipient):
        raise NotFound
    if found.state in (DisclosureState.ASKED, DisclosureState.ADMITTED):
        found.state = DisclosureState.ENDED
    session.flush()


def listed(recipient: str | None) -> Select[Disclosure]:
    """All of them, or a recipient's."""
    query = select(Disclosure)
    return query if recipient is None else query.where(col(Disclosure.recipient) == recipient)


def running(session: Session, now: datetime) -> list[Disclosure]:
    """What people are asked for today."""
    query = select(Disclosure).where(
        col(Disclosure.state) == DisclosureState.ADMITTED, col(Disclosure.until) > now
    )
    return list(session.scalars(query.order_by(col(Disclosure.id))))


def check_recipient(session: Session, purpose: str, recipient: str, now: datetime) -> None:
    """For a yes: to who studies under this purpose now, or to a partner. A no may always be said.

    Raises Problem consent-unknown-recipient.
    """
    if recipient == OPERATOR:
        return
    if purpose in PURPOSES:
        asking = running(session, now)
        known = any((one.purpose, one.recipient) == (purpose, recipient) for one in asking)
    else:
        known = recipient in {str(one.id) for one in partners(session)}
    if not known:
        raise Problem("consent-unknown-recipient", field="recipient")


def open_for(
    session: Session, disclosure_id: UUID, recipient: str, now: datetime
) -> tuple[Disclosure, Select[Consent]]:
    """The request, and the consents that it reaches, for who asked alone.

    Raises NotFound, Problem disclosure-closed, disclosure-too-few.
    """
    found = session.get(Disclosure, disclosure_id)
    if found is None or found.recipient != recipient:
        raise NotFound
    if found.state is not DisclosureState.ADMITTED or not found.until or found.until <= now:
        raise Problem("disclosure-closed")
    agreed = and_(in_force(session, found.purpose), _of(found))
    heard = not_(halted(col(Consent.subject_id), found.purpose))
    people = session.scalar(select(func.count()).select_from(Consent).where(agreed, heard))
    if (people or 0) < FEWEST_PEOPLE:
        raise Problem("disclosure-too-few")
    return found, select(Consent).where(_of(found))


def _of(found: Disclosure) -> ColumnElement[bool]:
    """Consents to this study that were not withdrawn: also those to an older notice, which the gate
    refuses."""
    return and_(
        col(Consent.state) == ConsentState.GIVEN,
        col(Consent.purpose) == found.purpose,
        col(Consent.recipient) == found.recipient,
        col(Consent.given_at) >= found.decided_at,
    )


def hand_out(session: Session, found: Disclosure, person_id: UUID, actor: Actor) -> dict[str, Any]:
    """One person: each field given, or withheld with the reason. The number is theirs in this
    request alone, and nobody can make it again once their key is gone."""
    fields = [
        {"field": name, "given": None, "withheld": None}
        | _field(session, found, person_id, name, actor)
        for name in found.fields
    ]
    try:
        number = salt_for(session, person_id, found.id).hex()[:32]
    except Problem as problem:
        if problem.code != "data-erased":
            raise
        number = None
    return {"person": number, "fields": fields}


def _field(
    session: Session, found: Disclosure, person_id: UUID, name: str, actor: Actor
) -> dict[str, Any]:
    if name not in purpose_named(found.purpose).data:
        return {"withheld": UNREGISTERED}
    try:
        look_at(
            session, person_id, resource="disclosure", fields=[name],
            purpose=found.purpose, actor=actor, recipient=found.recipient,
        )  # fmt: skip
    except Problem as problem:
        if problem.code not in REASONS:
            raise
        return {"withheld": REASONS[problem.code]}
    return {"given": READERS[name](session, person_id)}


def _actions(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    """Kind, quantity, date, district; of deeds that count."""
    rows = session.execute(
        select(
            col(Action.action_type_id),
            col(Action.action_type_version),
            col(Action.quantity),
            col(Action.deed_day),
            col(Action.district),
        )
        .where(col(Action.person_id) == person_id, col(Action.state).in_(_COUNTS))
        .order_by(col(Action.id))
    )
    return [
        {"action_type": kind, "unit": catalogue().action_type(kind, version).unit,
         "quantity": quantity, "day": day, "district": district}
        for kind, version, quantity, day, district in rows
    ]  # fmt: skip


READERS = {"actions": _actions}


def _locked(session: Session, disclosure_id: UUID) -> Disclosure:
    found = session.get(Disclosure, disclosure_id, with_for_update=True)
    if found is None:
        raise NotFound
    return found
