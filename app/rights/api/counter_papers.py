"""At the counter, as programs do it: all that they can see, what leaves with them, who acts for
them, and an address for who has none."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Response, send_file

from app.context import db_session, language, now, services
from app.idempotency import idempotent
from app.identity.cards.service import CardSigner
from app.identity.counter import ask_email, take_email
from app.identity.mandates.at_counter import end_at_counter, name_at_counter
from app.identity.mandates.models import Mandate
from app.identity.mandates.schemas import MandateOut, NewObjection, scope_of
from app.identity.models import Role
from app.identity.schemas import SignInCodeSent
from app.identity.sign_in import CODE_MINUTES, CODE_TRIES
from app.limits import caller, limited
from app.merchants.wiring import desk_of
from app.openapi import answers, body, streams
from app.rights import counter_acts
from app.rights.api.blueprint import blueprint
from app.rights.api.counter import own_visit
from app.rights.at_counter import hand_consent, hand_proof
from app.rights.counter_schemas import (
    CounterClosing,
    CounterEmail,
    CounterEmailCode,
    CounterRepresentative,
    VisitRights,
)
from app.rights.counter_view import rights_of
from app.rights.models import RightsRequest
from app.rights.schemas import ClosingOut, RequestOut
from app.security import requires, requires_step_up, session_token

_NO_STORE = {"Cache-Control": "no-store"}


@blueprint.get("/counter/visits/<uuid:visit_id>/rights")
@requires(Role.OFFICER)
@answers(VisitRights)
def read_rights(visit_id: UUID) -> dict[str, Any]:
    """All that they can see themselves; the person reads that you looked."""
    found = rights_of(db_session(), own_visit(visit_id), now())
    db_session().commit()  # looking is recorded, though this is a GET
    return found


@blueprint.get("/counter/visits/<uuid:visit_id>/consents/<uuid:consent_id>/receipt")
@requires(Role.OFFICER)
@streams("application/jose")
def consent_receipt(visit_id: UUID, consent_id: UUID) -> Response:
    """The signed record of a consent of theirs, to hand out; the person reads that you did."""
    known, visit = services().settings, own_visit(visit_id)
    signed = hand_consent(db_session(), visit, consent_id, known, now())
    db_session().commit()  # handing out is recorded, though this is a GET
    return Response(signed, mimetype="application/jose", headers=_NO_STORE)


@blueprint.get("/counter/visits/<uuid:visit_id>/actions/<uuid:action_id>/receipt")
@requires(Role.OFFICER)
@streams("application/json")
def deed_receipt(visit_id: UUID, action_id: UUID) -> Response:
    """The proof of a settled deed of theirs, to hand out; the person reads that you did."""
    settings, visit = services().settings, own_visit(visit_id)
    found = hand_proof(db_session(), visit, action_id, settings)
    db_session().commit()  # handing out is recorded, though this is a GET
    return Response(json.dumps(found), mimetype="application/json", headers=_NO_STORE)


@blueprint.get("/counter/visits/<uuid:visit_id>/export.zip")
@requires(Role.OFFICER)
@requires_step_up
@limited("counter-export", quota=20, window=3600)
@streams("application/zip")
def hand_out(visit_id: UUID) -> Response:
    """All of their data, to hand out. You prove first that it is you."""
    archive = counter_acts.hand_out(db_session(), own_visit(visit_id), now())
    db_session().commit()  # a GET, but journal and log have it
    answer = send_file(archive, "application/zip", as_attachment=True, download_name="civis.zip")
    answer.headers.update(_NO_STORE)
    return answer


@blueprint.post("/counter/visits/<uuid:visit_id>/closing")
@requires(Role.OFFICER)
@requires_step_up
@idempotent
@body(CounterClosing)
@answers(ClosingOut)
def close_there(visit_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Closes their account for good; what is left goes to an association, or back to the programme
    on its last day."""
    visit, sure = own_visit(visit_id), body.pop("sure")
    desk = desk_of(services(), session_token())
    gift = counter_acts.gift_by_card(db_session(), visit, desk=desk, **body)
    found = counter_acts.close(
        db_session(),
        visit,
        sure=sure,
        gift=gift,
        letters=services().settings.mail,
        signer=_signer(),
        now=now(),
    )
    return {**vars(found), "receivers": []}


@blueprint.post("/counter/visits/<uuid:visit_id>/representatives")
@requires(Role.OFFICER)
@idempotent
@body(CounterRepresentative)
@answers(MandateOut, status=201)
def name_representative(visit_id: UUID, body: dict[str, Any]) -> Mandate:
    """They name somebody who may act for them, once that person accepts.

    Paying only with the card that they show and its PIN.
    """
    visit, said = own_visit(visit_id), (body["email"], scope_of(body), body["pin"] or "")
    signer = services().signer.for_session(session_token())
    return name_at_counter(db_session(), visit, *said, signer=signer, now=now())


@blueprint.post("/counter/visits/<uuid:visit_id>/mandates/<uuid:mandate_id>/end")
@requires(Role.OFFICER)
@idempotent
@answers(None, status=204)
def end_mandate(visit_id: UUID, mandate_id: UUID) -> None:
    """They end a mandate of either side."""
    end_at_counter(db_session(), own_visit(visit_id), mandate_id, now=now())


@blueprint.post("/counter/visits/<uuid:visit_id>/mandates/<uuid:mandate_id>/objection")
@requires(Role.OFFICER)
@idempotent
@body(NewObjection)
@answers(RequestOut, status=201)
def object_to_guardian_there(
    visit_id: UUID, mandate_id: UUID, body: dict[str, Any]
) -> RightsRequest:
    """A ward objects to their guardianship: an officer answers, and two may end it."""
    visit, text = own_visit(visit_id), body["text"]
    return counter_acts.object_to_guardian(db_session(), visit, mandate_id, text, now())


@blueprint.post("/counter/visits/<uuid:visit_id>/email")
@requires(Role.OFFICER)
@idempotent
@body(CounterEmail)
@answers(SignInCodeSent)
def send_email_code(visit_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Sends a code to an address of the holder of a card who has none; they read it there."""
    visit, who = own_visit(visit_id), caller()
    sent = ask_email(db_session(), visit, body["email"], language(), now(), caller=who)
    return {"challenge": sent, "minutes": CODE_MINUTES, "tries": CODE_TRIES}


@blueprint.post("/counter/visits/<uuid:visit_id>/email/code")
@requires(Role.OFFICER)
@idempotent
@body(CounterEmailCode)
@answers(None, status=204)
def take_email_code(visit_id: UUID, body: dict[str, Any]) -> None:
    """The code that they read, and their PIN: from now on they can sign in with the address."""
    take_email(db_session(), own_visit(visit_id), **body, signer=_signer(), now=now())


def _signer() -> CardSigner:
    return services().signer.for_session(session_token())
