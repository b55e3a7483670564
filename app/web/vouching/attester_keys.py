"""The organisation's administrator: makes its key in this browser, certifies clerks' keys."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from uuid import UUID

from flask import Response, request

from app.actions.keys import certify_key, keys_of, revoke_key
from app.actions.models import AttesterKey, ProofLevel
from app.actions.organisation_keys import (
    may_offer,
    offer_key,
    offered_key,
    register_key,
    registered_keys,
)
from app.context import db_session, now
from app.errors import Problem
from app.identity.models import KeyCustody, Organisation, Role
from app.identity.organisations import has_good_key
from app.impact.catalogue import catalogue
from app.security import principal, requires
from app.web import formats
from app.web.office.overview import blueprint as office
from app.web.parts import attesters_domain, typed_address
from app.web.shell import page, to
from app.web.telling import people_view
from app.web.telling.key_words import key_state, kind_words, kinds_words
from app.web.vouching.attest import blueprint
from app.web.vouching.clerk_view import domain_json
from app.web.words import gettext as _


def _organisation() -> Organisation:
    return db_session().get_one(Organisation, principal().organisation(Role.ATTESTER_ADMIN))


@blueprint.get("/attest/keys")
@requires(Role.ATTESTER_ADMIN)
def keys() -> Response:
    return _keys(None)


def _keys(problem: Problem | None) -> Response:
    session, organisation, at = db_session(), _organisation(), now()
    found = keys_of(session, organisation.id)
    whose = {
        one: people_view.address(one, Role.ATTESTER_ADMIN) for one in {k.person_id for k in found}
    }
    rows = [_key(row, whose[row.person_id], key_state(row, organisation, at)) for row in found]
    session.commit()  # reading an address is recorded, though this is a GET
    return page(
        "attest/keys.html",
        problem=problem,
        organisation=organisation,
        own=own_key(organisation, at),
        domain=domain_json(),
        waiting=[row for row in rows if row.state == "asked"],
        known=[row for row in rows if row.state != "asked"],
        words={
            "organisation": str(organisation.id),
            "known": organisation.key_address,
            "used": registered_keys(session, organisation),
            "every": _("every kind of deed"),
            "elsewhere": _("The organisation's key is in another browser: open that one."),
            "noStorage": _("This browser can't keep a key: allow storage, or use another one."),
            "tooLong": _("This certificate would last longer than a year: nothing was signed."),
        },
    )


def own_key(organisation: Organisation, at: datetime) -> SimpleNamespace:
    """The organisation's key, until when it counts, and what may follow it."""
    until, good = organisation.key_valid_until, has_good_key(organisation, at)
    ended = "revoked" if organisation.key_revoked_at else "ended"
    state = ("good" if good else ended) if organisation.key_valid_from else "none"
    by_server = organisation.key_custody is KeyCustody.SERVER
    return SimpleNamespace(
        address=organisation.key_address,
        state=state,
        until=people_view.last_day(until) if until else "",
        by_server=by_server,
        signs_here=good and not by_server,
        offered=offered_key(organisation),
        may_offer=may_offer(organisation, at),
    )


def _key(row: AttesterKey, whose: str, state: str) -> SimpleNamespace:
    """Whose it is and what it may do, in words; `since` and `until` as they are signed."""
    return SimpleNamespace(
        address=row.address,
        whose=whose,
        state=state,
        by_server=row.custody is KeyCustody.SERVER,
        scope=kinds_words(row.scope),
        every=not row.scope,
        kinds=[(slug, kind_words(slug)) for slug in row.scope or _attested()],
        since=int(row.valid_from.timestamp()),
        until=int(row.valid_until.timestamp()),
        since_words=formats.moment(row.valid_from),
        until_words=formats.moment(row.revoked_at or row.valid_until),
    )


def _attested() -> list[str]:
    kinds = sorted(catalogue().action_types(), key=lambda kind: kind.number)
    return [kind.id for kind in kinds if ProofLevel.ATTESTED.value in kind.proof_levels]


@blueprint.post("/attest/keys/organisation")
@requires(Role.ATTESTER_ADMIN)
def offer() -> Response:
    try:
        offer_key(
            db_session(),
            _organisation(),
            typed_address(request.form.get("address", "")),
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return _keys(problem)
    return to("attest.keys")


@blueprint.post("/attest/keys/<address>/certificate")
@requires(Role.ATTESTER_ADMIN)
def certify_clerk(address: str) -> Response:
    try:
        certify_key(
            db_session(),
            address=address,
            organisation=_organisation(),
            signature=_signature(),
            scope=request.form.getlist("scope"),
            domain=attesters_domain(),
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return _keys(problem)
    return to("attest.keys")


def _signature() -> bytes:
    try:
        return bytes.fromhex(request.form.get("signature", "").removeprefix("0x"))
    except ValueError as error:
        raise Problem("statement-unreadable", field="signature") from error


@blueprint.post("/attest/keys/<address>/revocation")
@requires(Role.ATTESTER_ADMIN)
def revoke(address: str) -> Response:
    for_cause = request.form.get("for_cause") == "yes"
    body = _organisation()
    revoke_key(db_session(), address=address, organisation=body, for_cause=for_cause, now=now())
    return to("attest.keys")


@office.post("/office/organisations/<uuid:organisation_id>/key")
@requires(Role.OFFICER)
def register_organisation_key(organisation_id: UUID) -> Response:
    """The officer's yes: the chain registers the key that the administrator offered."""
    register_key(db_session(), organisation_id, by=principal().person_id, now=now())
    return to("office.organisations")
