"""Requests for people's data: a partner's or the city's, admitted by an officer."""

from __future__ import annotations

import json
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

from flask import Response, send_file
from sqlmodel import col

from app.clock import city_day
from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Role
from app.limits import limited
from app.openapi import answers, body, query, streams
from app.paging import PageQuery, page
from app.privacy.models import Consent
from app.privacy.notices import OPERATOR
from app.privacy.service import Actor
from app.rights import disclosures
from app.rights.api.blueprint import blueprint
from app.rights.disclosure_models import Disclosure
from app.rights.disclosure_schemas import (
    DisclosureDecision,
    DisclosureOut,
    DisclosurePage,
    HandedOutPage,
    NewDisclosure,
    PeopleQuery,
    PersonHandedOut,
)
from app.security import principal, requires

RESEARCHER = "researcher"
_IN_MEMORY = 1 << 20  # bytes, then on disk


def own_recipient() -> str:
    """Whom the caller asks for: the city, or their organisation."""
    if principal().has(Role.OFFICER):
        return OPERATOR
    return str(principal().organisation(Role.PARTNER))


def new_disclosure(body: dict[str, Any]) -> Disclosure:
    """Raises Problem disclosure-recipient, and what disclosures.ask raises."""
    recipient = own_recipient()
    if body["recipient"] != recipient:
        raise Problem("disclosure-recipient", field="recipient")
    return disclosures.ask(
        db_session(),
        purpose=body["purpose"],
        organisation_id=None if recipient == OPERATOR else UUID(recipient),
        fields=body["fields_wanted"],
        study=body["study"],
        by=principal().person_id,
        now=now(),
    )


@blueprint.post("/disclosures")
@requires(Role.OFFICER, Role.PARTNER)
@idempotent
@body(NewDisclosure)
@answers(DisclosureOut, status=201)
def ask_for_data(body: dict[str, Any]) -> Disclosure:
    """Names the purpose, the recipient (`operator`, or one's organisation), the kinds of data of
    the register, and the study in words that people are shown. An officer admits it or not."""
    return new_disclosure(body)


@blueprint.get("/disclosures")
@requires(Role.OFFICER, Role.PARTNER)
@query(PageQuery)
@answers(DisclosurePage)
def list_disclosures(query: dict[str, Any]) -> dict[str, Any]:
    """One's organisation's; all of them for officers. Newest first."""
    recipient = own_recipient()
    wanted = disclosures.listed(None if recipient == OPERATOR else recipient)
    rows, cursor = page(db_session(), wanted, key=Disclosure.id, **query)
    return {"items": rows, "next_cursor": cursor}


@blueprint.post("/disclosures/<uuid:disclosure_id>/decision")
@requires(Role.OFFICER)
@idempotent
@body(DisclosureDecision)
@answers(DisclosureOut)
def decide_disclosure(disclosure_id: UUID, body: dict[str, Any]) -> Disclosure:
    """By an officer who did not ask; from a yes on people are asked whether they agree."""
    by, at = principal().person_id, now()
    return disclosures.decide(db_session(), disclosure_id, **body, by=by, now=at)


@blueprint.post("/disclosures/<uuid:disclosure_id>/end")
@requires(Role.OFFICER, Role.PARTNER)
@idempotent
@answers(None, status=204)
def end_disclosure(disclosure_id: UUID) -> None:
    """By who asked, or an officer: the next answer is refused."""
    recipient = own_recipient()
    whose = None if recipient == OPERATOR else recipient
    disclosures.end(db_session(), disclosure_id, recipient=whose)


@blueprint.get("/disclosures/<uuid:disclosure_id>/people")
@requires(Role.OFFICER, Role.PARTNER)
@limited("disclosures", quota=600, window=3600)
@query(PeopleQuery)
@answers(HandedOutPage)
def people_of_disclosure(disclosure_id: UUID, query: dict[str, Any]) -> dict[str, Any]:
    """Person by person, each field given or withheld with the reason; to who asked alone.

    Consent is asked again for each person at each answer; who withdrew it is left out. Whoever is
    in it reads that in their log. Refused while fewer than five people agree.
    """
    session = db_session()
    found, wanted = disclosures.open_for(session, disclosure_id, own_recipient(), now())
    rows, cursor = page(session, wanted, key=Consent.id, **query)
    items = [disclosures.hand_out(session, found, row.subject_id, _reader()) for row in rows]
    session.commit()  # each look is recorded, though this is a GET
    return {"items": items, "next_cursor": cursor}


@blueprint.get("/disclosures/<uuid:disclosure_id>/people.jsonl")
@requires(Role.OFFICER, Role.PARTNER)
@limited("disclosures", quota=600, window=3600)
@streams("application/jsonl")
def people_as_lines(disclosure_id: UUID) -> Response:
    """The same of everybody at once, a line of JSON each."""
    session, at = db_session(), now()
    found, wanted = disclosures.open_for(session, disclosure_id, own_recipient(), at)
    people = session.scalars(wanted.with_only_columns(col(Consent.subject_id))).all()
    spool = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - handed on
    shape, reader = PersonHandedOut(), _reader()
    for person_id in people:
        line = shape.dump(disclosures.hand_out(session, found, person_id, reader))
        spool.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    session.commit()  # each look is recorded, though this is a GET
    spool.seek(0)
    name = f"study-{city_day(db_session(), at).isoformat()}.jsonl"
    answer = send_file(spool, "application/jsonl", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _reader() -> Actor:
    role = Role.OFFICER.value if own_recipient() == OPERATOR else RESEARCHER
    return Actor(principal().person_id, role)
