"""Acting for somebody else, as programs do it: naming, accepting, ending, and switching."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.acting import own_always
from app.context import db_session, now, services
from app.idempotency import idempotent
from app.identity.api.blueprint import blueprint
from app.identity.mandates import service as mandates
from app.identity.mandates.models import Mandate
from app.identity.mandates.schemas import (
    MandateList,
    MandateOut,
    NewActing,
    NewRepresentative,
    scope_of,
)
from app.identity.mandates.views import Views, views_of
from app.identity.models import SignInSession
from app.limits import limited
from app.openapi import answers, body
from app.security import principal, requires, requires_step_up, session_token


@blueprint.get("/me/representatives")
@requires()
@answers(MandateList)
@own_always
def list_mandates() -> Views:
    """Who may act for this person (`named`), and for whom they may act (`acting`), newest first.

    `email` is the other side's; both sides see who read it.
    """
    found = views_of(db_session(), principal().person_id, now())
    db_session().commit()  # a GET, but the reading is recorded
    return found


@blueprint.post("/me/representatives")
@requires()
@requires_step_up
@idempotent
@limited("representatives", quota=20, window=86_400)
@body(NewRepresentative)
@answers(MandateOut, status=201)
def name_representative(body: dict[str, Any]) -> Mandate:
    """Names whoever has this address to act for one; nothing holds before they accept.

    `day_cents`: how much they may pay within 24 hours, with `pay` among the acts and only with it.
    """
    return mandates.name(
        db_session(),
        principal().person_id,
        body["email"],
        scope_of(body),
        signer=services().signer.for_session(session_token()),
        now=now(),
    )


@blueprint.post("/me/mandates/<uuid:mandate_id>/acceptance")
@requires()
@idempotent
@answers(MandateOut)
def accept_mandate(mandate_id: UUID) -> Mandate:
    """By who was named: from now on they may act, within what it says."""
    return mandates.accept(db_session(), mandate_id, by=principal().person_id, now=now())


@blueprint.post("/me/mandates/<uuid:mandate_id>/refusal")
@requires()
@idempotent
@answers(MandateOut)
def refuse_mandate(mandate_id: UUID) -> Mandate:
    """By who was named, instead of accepting."""
    return mandates.refuse(db_session(), mandate_id, by=principal().person_id, now=now())


@blueprint.post("/me/mandates/<uuid:mandate_id>/end")
@requires()
@idempotent
@answers(MandateOut)
def end_mandate(mandate_id: UUID) -> Mandate:
    """By either side, at once; a guardianship is ended by two officers."""
    by = principal().person_id
    return mandates.end(db_session(), mandate_id, party=by, by=by, now=now())


@blueprint.post("/me/acting")
@requires()
@idempotent
@body(NewActing)
@answers(None, status=204)
@own_always
def act_for(body: dict[str, Any]) -> None:
    """From now on this session acts under the mandate; routes that it doesn't cover refuse."""
    caller = principal()
    found = mandates.switch(db_session(), body["mandate_id"], by=caller.person_id, now=now())
    db_session().get_one(SignInSession, caller.session_id).mandate_id = found.id


@blueprint.post("/me/acting/end")
@requires()
@idempotent
@answers(None, status=204)
@own_always
def act_for_oneself() -> None:
    """From now on this session is the signed-in person's own again."""
    db_session().get_one(SignInSession, principal().session_id).mandate_id = None
