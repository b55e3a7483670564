"""Clerks' keys: asked for by the clerk, certified or ended by the organisation's administrator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.actions import keys
from app.actions.api.attestations import domain
from app.actions.api.blueprint import blueprint
from app.actions.api.schemas import (
    Ceilings,
    CeilingsOut,
    KeyList,
    KeyOut,
    NewCertificate,
    NewKey,
    NewRevocation,
    Revocation,
)
from app.actions.models import AttesterKey
from app.actions.organisation_keys import offer_key, register_key
from app.chain import typed
from app.context import db_session, now
from app.governance.models import Proposal
from app.governance.schemas import ProposalOut
from app.idempotency import idempotent
from app.identity.models import Organisation, Role
from app.identity.organisations import has_good_key, set_ceilings
from app.openapi import answers, body
from app.rewards.valuing.decided import propose_revocation
from app.security import principal, requires


def _administered() -> Organisation:
    return db_session().get_one(Organisation, principal().organisation(Role.ATTESTER_ADMIN))


def _shown(key: AttesterKey, organisation: Organisation) -> dict[str, Any]:
    """With what the organisation's key is to sign, while it has a good one."""
    certificate = None
    if has_good_key(organisation, now()):
        certificate = typed.typed_data(domain(), keys.certificate_of(key, organisation))
    return {**key.model_dump(), "certificate": certificate}


@blueprint.post("/attester-keys")
@requires(Role.ATTESTER)
@idempotent
@body(NewKey)
@answers(KeyOut, status=201)
def ask(body: dict[str, Any]) -> dict[str, Any]:
    """Asks for a certificate for the key that this clerk's browser made."""
    organisation = db_session().get_one(Organisation, principal().organisation(Role.ATTESTER))
    person_id = principal().person_id
    key = keys.ask_key(
        db_session(), organisation=organisation, person_id=person_id, now=now(), **body
    )
    return _shown(key, organisation)


@blueprint.get("/attester-keys")
@requires(Role.ATTESTER_ADMIN)
@answers(KeyList)
def of_organisation() -> dict[str, Any]:
    """The organisation's clerks' keys, newest first, with the certificate each needs."""
    organisation = _administered()
    rows = keys.keys_of(db_session(), organisation.id)
    return {"items": [_shown(row, organisation) for row in rows]}


@blueprint.post("/attester-keys/<address>/certificate")
@requires(Role.ATTESTER_ADMIN)
@idempotent
@body(NewCertificate)
@answers(KeyOut)
def certify(address: str, body: dict[str, Any]) -> dict[str, Any]:
    """Takes the organisation's signature over a clerk's certificate."""
    organisation = _administered()
    key = keys.certify_key(
        db_session(),
        address=address,
        organisation=organisation,
        signature=body["signature"],
        scope=body["scope"],
        domain=domain(),
        now=now(),
    )
    return _shown(key, organisation)


@blueprint.post("/attester-keys/<address>/revocation")
@requires(Role.ATTESTER_ADMIN)
@idempotent
@body(Revocation)
@answers(KeyOut)
def revoke(address: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ends a clerk's key at once."""
    organisation = _administered()
    key = keys.revoke_key(
        db_session(), address=address, organisation=organisation, now=now(), **body
    )
    return _shown(key, organisation)


@blueprint.post("/organisations/own/key")
@requires(Role.ATTESTER_ADMIN)
@idempotent
@body(NewKey)
@answers(None, status=204)
def offer(body: dict[str, Any]) -> None:
    """Offers the key that the administrator's browser made; an officer registers it."""
    by = principal().person_id
    offer_key(db_session(), _administered(), body["address"], by=by, now=now())


@blueprint.post("/organisations/<uuid:organisation_id>/key/registration")
@requires(Role.OFFICER)
@idempotent
@answers(None, status=204)
def register(organisation_id: UUID) -> None:
    """Has the chain register an organisation's offered key."""
    register_key(db_session(), organisation_id, by=principal().person_id, now=now())


@blueprint.post("/organisations/<uuid:organisation_id>/key/revocation")
@requires(Role.OFFICER)
@idempotent
@body(NewRevocation)
@answers(ProposalOut, status=201)
def revoke_organisation(organisation_id: UUID, body: dict[str, Any]) -> Proposal:
    """Proposes to end an organisation's key, on the chain too; another officer confirms."""
    by = principal().person_id
    return propose_revocation(
        db_session(), organisation_id=organisation_id, by=by, now=now(), **body
    )


@blueprint.put("/organisations/<uuid:organisation_id>/ceilings")
@requires(Role.OFFICER)
@idempotent
@body(Ceilings)
@answers(CeilingsOut)
def ceilings(organisation_id: UUID, body: dict[str, Any]) -> Organisation:
    """Changes how many actions and tokens an organisation may bring a day."""
    return set_ceilings(db_session(), organisation_id, by=principal().person_id, now=now(), **body)
