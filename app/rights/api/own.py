"""What a person asks of all that is known about them, and how officers answer."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Response, send_file

from app.acting import covered_by, entered_by
from app.clock import city_day
from app.context import db_session, now, services
from app.errors import NotFound
from app.idempotency import idempotent
from app.identity.mandates.models import Act
from app.identity.mandates.schemas import NewObjection
from app.identity.models import Role
from app.limits import limited
from app.merchants.wiring import desk_of
from app.openapi import answers, body, query, streams
from app.paging import PageQuery, page
from app.payers import payer_of
from app.privacy import halts
from app.privacy.service import Actor
from app.reporting.access.slices import own_slice
from app.rights import closing, requests
from app.rights.api.blueprint import blueprint
from app.rights.consent_receipts import receipt
from app.rights.export import export
from app.rights.guardians import object_to_guardianship
from app.rights.models import RequestKind, RightsRequest
from app.rights.schemas import (
    ClosingOut,
    HaltList,
    MoreTime,
    NewClosing,
    NewRequest,
    RequestAnswer,
    RequestOut,
    RequestPage,
    RequestQueue,
    RequestRead,
)
from app.security import principal, requires, requires_step_up, session_token


@blueprint.get("/me/export.zip")
@requires()
@requires_step_up
@limited("export", quota=10, window=3600)
@streams("application/zip")
@covered_by(Act.EXPORT, sees=["all"])
def download() -> Response:
    """Everything that Civis holds about this person, as JSON and CSV with a manifest."""
    at = now()
    whose, by = principal().whose, entered_by()
    requests.note_done(db_session(), whose, RequestKind.ACCESS, at, by=by)
    archive = export(db_session(), whose, at)
    db_session().commit()  # a GET, but the journal has it
    name = f"civis-{city_day(db_session(), at).isoformat()}.zip"
    answer = send_file(archive, "application/zip", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/me/requests")
@requires()
@query(PageQuery)
@answers(RequestPage)
@covered_by(Act.RIGHTS, sees=["requests"])
def list_requests(query: dict[str, Any]) -> dict[str, Any]:
    """What this person asked of their data, newest first."""
    wanted = requests.shown_to(principal().whose, entered_by())
    items, cursor = page(db_session(), wanted, key=RightsRequest.id, **query)
    return {"items": items, "next_cursor": cursor}


@blueprint.post("/me/requests")
@requires()
@idempotent
@limited("rights-request", quota=20, window=86_400)
@body(NewRequest)
@answers(RequestOut, status=201)
@covered_by(Act.RIGHTS)
def ask(body: dict[str, Any]) -> RightsRequest:
    """Asks for a correction, restricts all uses, or objects to one; those two hold at once."""
    kind = RequestKind(body.pop("kind"))
    whose, by = principal().whose, entered_by()
    return requests.ask(db_session(), whose, kind, **body, by=by, now=now())


@blueprint.post("/me/requests/<uuid:request_id>/withdrawal")
@requires()
@idempotent
@answers(None, status=204)
@covered_by(Act.RIGHTS)
def withdraw(request_id: UUID) -> None:
    """Takes an open request back; the use that an objection stopped goes on."""
    whose, by = principal().whose, entered_by()
    requests.withdraw(db_session(), request_id, person_id=whose, by=by, now=now())


@blueprint.post("/me/mandates/<uuid:mandate_id>/objection")
@requires()
@idempotent
@limited("rights-request", quota=20, window=86_400)
@body(NewObjection)
@answers(RequestOut, status=201)
def object_to_guardian(mandate_id: UUID, body: dict[str, Any]) -> RightsRequest:
    """A ward's objection to their guardianship: an officer answers, and two may end it."""
    ward = principal().person_id
    return object_to_guardianship(db_session(), mandate_id, ward=ward, **body, now=now())


@blueprint.get("/me/halts")
@requires()
@answers(HaltList)
@covered_by(Act.RIGHTS)
def list_halts() -> dict[str, Any]:
    """Uses that stand still: one purpose each, or all but one's own where purpose is null."""
    return {"items": halts.open_halts(db_session(), principal().whose)}


@blueprint.post("/me/restriction/end")
@requires()
@idempotent
@answers(None, status=204)
@covered_by(Act.RIGHTS)
def end_restriction() -> None:
    """Lets all uses go on that a restriction stopped."""
    requests.end_restriction(db_session(), principal().whose, now(), by=entered_by())


@blueprint.get("/me/closing")
@requires()
@answers(ClosingOut)
@covered_by(Act.CLOSE, sees=["balance"])
def before_closing() -> dict[str, Any]:
    """What closing the account would end, and which associations could receive what is left."""
    found = closing.standing(db_session(), principal().whose, now())
    return {**vars(found), "receivers": closing.receivers(db_session())}


@blueprint.post("/me/closing")
@requires()
@requires_step_up
@idempotent
@body(NewClosing)
@answers(ClosingOut)
@covered_by(Act.CLOSE)
def close(body: dict[str, Any]) -> dict[str, Any]:
    """Closes the account and erases the data, for good; the token is worth nothing after it.

    `gift_to`: the association that gets what is left; without it, it goes back to the funder on
    the programme's last day.
    """
    caller, gift = principal(), None
    if body["gift_to"] is not None:
        desk = desk_of(services(), session_token())
        gift = closing.Gift(body["gift_to"], desk, payer_of(caller))
    signer, person = services().signer.for_session(session_token()), caller.whose
    mail, by = services().settings.mail, entered_by()
    found = closing.close(
        db_session(), person, gift=gift, letters=mail, now=now(), by=by, acting=by is not None
    )
    closing.end_card(db_session(), person, signer=signer, by=by or person, now=now())
    return {**vars(found), "receivers": []}


@blueprint.get("/rights-requests")
@requires(Role.OFFICER)
@answers(RequestQueue)
def queue() -> dict[str, Any]:
    """Requests that wait for an answer, the one with the least time left first; at most 100."""
    return {"items": requests.waiting(db_session())}


@blueprint.get("/rights-requests/<uuid:request_id>")
@requires(Role.OFFICER, Role.CITIZEN)
@answers(RequestRead)
def read(request_id: UUID) -> dict[str, Any]:
    """A request's words; when an officer reads them, the person sees who did."""
    found, caller = db_session().get(RightsRequest, request_id), principal()
    if found is None:
        raise NotFound
    own = found.person_id == caller.person_id
    if not own and not caller.has(Role.OFFICER):
        raise NotFound
    role = "self" if own else Role.OFFICER.value
    words = requests.read(db_session(), found, Actor(caller.person_id, role), now())
    db_session().commit()  # a GET, but the reading is recorded
    return {**found.model_dump(), "text": words[0], "answer": words[1]}


@blueprint.post("/rights-requests/<uuid:request_id>/answer")
@requires(Role.OFFICER)
@idempotent
@body(RequestAnswer)
@answers(RequestOut)
def answer(request_id: UUID, body: dict[str, Any]) -> RightsRequest:
    """Answers a request; refusing an objection lets the use go on."""
    return requests.answer(db_session(), request_id, **body, by=principal().person_id, now=now())


@blueprint.post("/rights-requests/<uuid:request_id>/extension")
@requires(Role.OFFICER)
@idempotent
@body(MoreTime)
@answers(RequestOut)
def extend(request_id: UUID, body: dict[str, Any]) -> RightsRequest:
    """Two more months to answer, once, with the reason, which the person reads."""
    return requests.extend(db_session(), request_id, **body, by=principal().person_id, now=now())


@blueprint.get("/me/accesses/proof.json")
@requires()
@limited("log-slice", quota=10, window=3600)
@streams("application/json")
def download_looks() -> Response:
    """Who looked at this person's data, with the ways up to the daily roots on the chain.

    `civis verify` checks it. Whoever is shown the file reads the entries.
    """
    found = own_slice(db_session(), principal().person_id, services().settings.deployment_file)
    name = f"civis-looks-{city_day(db_session(), now()).isoformat()}.json"
    header = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(json.dumps(found, indent=1), mimetype="application/json", headers=header)


@blueprint.get("/me/consents/<uuid:consent_id>/receipt")
@requires()
@streams("application/jose")
def download_receipt(consent_id: UUID) -> Response:
    """The signed record of one's own consent (ISO/IEC TS 27560), a compact JWS (RFC 7515).

    Its key stands at `/.well-known/jwks.json`: Ed25519, never another algorithm.
    """
    own, known = principal().person_id, services().settings
    signed = receipt(db_session(), consent_id, own, known, now())
    header = {
        "Content-Disposition": f"attachment; filename=civis-consent-{consent_id}.jws",
        "Cache-Control": "no-store",
    }
    return Response(signed, mimetype="application/jose", headers=header)
