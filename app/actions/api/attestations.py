"""The counter: who stands there, what the clerk's key is to sign, and what it signed."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.actions import queries
from app.actions.api.blueprint import blueprint
from app.actions.api.schemas import (
    DayQuery,
    DraftOut,
    EnteredList,
    EnteredOut,
    NewAttestation,
    NewCardVisit,
    NewDraft,
    NewVisit,
    VisitOut,
)
from app.actions.api.view import entered
from app.actions.attestation import Signed, as_json, live_visit, open_visit
from app.actions.domain import attesters_domain
from app.actions.keys import server_key
from app.actions.models import Visit
from app.actions.recording import Deed
from app.chain import typed
from app.context import db_session, now, services
from app.idempotency import idempotent
from app.identity.cards.service import identify_by_card
from app.identity.models import Organisation, Role
from app.identity.presence import identify_by_code
from app.identity.stations.models import StationStatementKind as Said
from app.identity.stations.shifts import note_statement
from app.openapi import answers, body, query
from app.privacy.service import Actor
from app.rewards.valuing import deeds
from app.security import principal, requires, session_token


def own_organisation() -> Organisation:
    return db_session().get_one(Organisation, principal().organisation(Role.ATTESTER))


def domain() -> typed.Domain:
    return attesters_domain(services().settings.deployment_file)


@blueprint.post("/attestations/visits")
@requires(Role.ATTESTER)
@idempotent
@body(NewVisit)
@answers(VisitOut, status=201)
def identify(body: dict[str, Any]) -> Visit:
    """Identifies a citizen by short number and one-minute code; no name comes out."""
    session, organisation = db_session(), own_organisation()
    number, code = body["short_number"], body["time_code"]
    person = identify_by_code(session, organisation.id, number, code, now(), by=_clerk())
    return _visit(person, organisation, body["programme_id"])


@blueprint.post("/attestations/visits/by-card")
@requires(Role.ATTESTER)
@idempotent
@body(NewCardVisit)
@answers(VisitOut, status=201)
def identify_card(body: dict[str, Any]) -> Visit:
    """Identifies a citizen by the number of their paper card, activated or not."""
    session, organisation = db_session(), own_organisation()
    person = identify_by_card(session, organisation.id, body["card_number"], now(), by=_clerk())
    return _visit(person, organisation, body["programme_id"])


def _clerk() -> Actor:
    return Actor(principal().person_id, Role.ATTESTER.value)


def _visit(person_id: UUID, organisation: Organisation, programme_id: UUID) -> Visit:
    return open_visit(
        db_session(),
        person_id=person_id,
        organisation=organisation,
        clerk_id=principal().person_id,
        programme_id=programme_id,
        now=now(),
    )


@blueprint.post("/attestations/drafts")
@requires(Role.ATTESTER)
@body(NewDraft)
@answers(DraftOut)
def draft(body: dict[str, Any]) -> dict[str, Any]:
    """What the clerk's key is to sign. Writes nothing; says at once what would be refused."""
    at, clerk = now(), principal().person_id
    visit = live_visit(db_session(), body.pop("subject"), clerk_id=clerk, now=at)
    deed = Deed(**{**body, "deed_at": body["deed_at"] or at})
    struct = deeds.draft(db_session(), visit, deed, organisation=own_organisation(), now=at)
    return {"statement": as_json(struct), "typed_data": typed.typed_data(domain(), struct)}


@blueprint.post("/attestations")
@requires(Role.ATTESTER)
@idempotent
@body(NewAttestation)
@answers(EnteredOut, status=201)
def attest(body: dict[str, Any]) -> dict[str, Any]:
    """Records a deed on a clerk's signed statement.

    Without `signature` the server signs with the key it holds for this clerk, if it holds one;
    figures count such deeds apart.
    """
    struct = typed.Attestation(**body["statement"])
    action = deeds.attest(
        db_session(),
        Signed(struct, body["signature"] or _by_server(struct)),
        organisation_id=principal().organisation(Role.ATTESTER),
        clerk_id=principal().person_id,
        told=body["told"],
        confirmed_unusual=body["confirmed_unusual"],
        domain=domain(),
        wallets=services().signer,
        now=now(),
    )
    note_statement(db_session(), principal(), Said.ATTESTATION, str(action.id), now())
    return entered(action)


def _by_server(struct: typed.Attestation) -> bytes:
    key = server_key(db_session(), principal().person_id, own_organisation().id)
    return services().signer.for_session(session_token()).sign_statement(key.address, struct)


@blueprint.get("/attestations")
@requires(Role.ATTESTER)
@query(DayQuery)
@answers(EnteredList)
def of_a_day(query: dict[str, Any]) -> dict[str, Any]:
    """What the clerk entered on a day (today), newest first; no citizen's name."""
    organisation = own_organisation()
    zone = ZoneInfo(organisation.time_zone)
    day = query["day"] or now().astimezone(zone).date()
    since = datetime.combine(day, time(), zone)
    until = datetime.combine(day + timedelta(days=1), time(), zone)
    rows = queries.entered(db_session(), principal().person_id, organisation.id, since, until)
    return {"items": [entered(row) for row in rows]}
