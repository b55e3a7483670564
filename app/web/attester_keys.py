"""The organisation's administrator: makes its key in this browser, certifies clerks' keys."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from app.actions.keys import certificate_of, certify_key, keys_of, revoke_key
from app.actions.models import AttesterKey
from app.actions.organisation_keys import offer_key, register_key
from app.context import db_session, now
from app.errors import Problem
from app.identity.models import KeyCustody, Organisation, Role
from app.security import principal, requires
from app.web.attest import blueprint
from app.web.counter import domain_json
from app.web.office import blueprint as office
from app.web.parts import attesters_domain, typed_address
from app.web.shell import page, to
from app.web.words import gettext as _


def _organisation() -> Organisation:
    return db_session().get_one(Organisation, principal().organisation(Role.ATTESTER_ADMIN))


@blueprint.get("/attest/keys")
@requires(Role.ATTESTER_ADMIN)
def keys() -> Response:
    return _keys(None)


def _keys(problem: Problem | None) -> Response:
    organisation = _organisation()
    rows = keys_of(db_session(), organisation.id)
    registered = organisation.key_valid_from is not None
    return page(
        "attest/keys.html",
        problem=problem,
        organisation=organisation,
        registered=registered,
        by_server=organisation.key_custody is KeyCustody.SERVER,
        domain=domain_json(),
        keys=[_key(row, organisation, registered) for row in rows],
        words={
            "organisation": str(organisation.id),
            "known": organisation.key_address,
            "elsewhere": _("The organisation's key is in another browser: open that one."),
            "noStorage": _("This browser can't keep a key: allow storage, or use another one."),
        },
    )


def _key(row: AttesterKey, organisation: Organisation, registered: bool) -> dict[str, Any]:
    certificate = certificate_of(row, organisation) if registered else None
    return {
        "address": row.address,
        "certified": row.certificate_signature is not None,
        "revoked": row.revoked_at is not None,
        "certificate": {
            "organisation": certificate.organisation,
            "key": certificate.key,
            "scopeHash": "0x" + certificate.scope_hash.hex(),
            "validFrom": certificate.valid_from,
            "validUntil": certificate.valid_until,
        }
        if certificate
        else None,
    }


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
    revoke_key(
        db_session(), address=address, organisation=_organisation(), for_cause=for_cause, now=now()
    )
    return to("attest.keys")


@office.post("/office/organisations/<uuid:organisation_id>/key")
@requires(Role.OFFICER)
def register_organisation_key(organisation_id: UUID) -> Response:
    """The officer's yes: the chain registers the key that the administrator offered."""
    register_key(db_session(), organisation_id, by=principal().person_id, now=now())
    return to("office.organisations")
