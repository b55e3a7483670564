"""Emergency access as programs open, use, end and review it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from app.context import db_session, now
from app.errors import Problem
from app.governance import emergencies
from app.governance.api.blueprint import blueprint
from app.governance.emergency_models import EmergencyAccess
from app.governance.emergency_schemas import (
    EmergencyBlock,
    EmergencyOut,
    EmergencyPage,
    EmergencyPause,
    EmergencyPaused,
    LateRequests,
    NewEmergency,
    NewReview,
)
from app.idempotency import idempotent
from app.identity.block_models import WalletBlock
from app.identity.models import Role
from app.openapi import answers, body, query
from app.paging import PageQuery, page
from app.privacy.service import fetch_keys
from app.recovery.schemas import BlockOut
from app.rights import emergency_acts
from app.rights.models import RightsRequest
from app.rights.schemas import RequestAnswer, RequestOut
from app.security import principal, requires, requires_step_up

STAFF = (Role.OFFICER, Role.TREASURER, Role.AUDITOR, Role.OPERATOR)
OPENERS = (Role.OFFICER, Role.OPERATOR)
REVIEWERS = (Role.OFFICER, Role.TREASURER, Role.AUDITOR)


@blueprint.get("/emergencies")
@requires(*STAFF)
@query(PageQuery)
@answers(EmergencyPage)
def list_emergencies(query: dict[str, Any]) -> dict[str, Any]:
    """Emergency accesses, newest first, with what was done in each; an operator sees their own."""
    wanted = emergencies.shown_to(principal().person_id, frozenset(principal().roles))
    rows, cursor = page(db_session(), wanted, key=EmergencyAccess.id, **query)
    fetch_keys(db_session(), {row.person_id for row in rows})
    shown = [_shown(row) for row in rows]
    db_session().commit()  # a GET, but reading reasons and findings is recorded
    return {"items": shown, "next_cursor": cursor}


@blueprint.post("/emergencies")
@requires(*STAFF)
@requires_step_up
@idempotent
@body(NewEmergency)
@answers(EmergencyOut, status=201)
def open_emergency(body: dict[str, Any]) -> dict[str, Any]:
    """For oneself, alone, for at most four hours; everybody of the city's staff is told."""
    person, at = principal().person_id, now()
    return _shown(emergencies.open_access(db_session(), person, **body, now=at))


@blueprint.post("/emergencies/<uuid:emergency_id>/end")
@requires(*OPENERS)
@idempotent
@answers(EmergencyOut)
def end_emergency(emergency_id: UUID) -> dict[str, Any]:
    """At once: one's own, or as an officer anybody's."""
    by = principal().person_id
    return _shown(emergencies.end_access(db_session(), emergency_id, by=by, now=now()))


@blueprint.post("/emergencies/<uuid:emergency_id>/reviews")
@requires(*REVIEWERS)
@idempotent
@body(NewReview)
@answers(EmergencyOut, status=201)
def review_emergency(emergency_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """What somebody else found who looked at it afterwards; it takes two."""
    by = principal().person_id
    return _shown(emergencies.review(db_session(), emergency_id, **body, by=by, now=now()))


@blueprint.post("/emergencies/blocks")
@requires(*OPENERS)
@idempotent
@body(EmergencyBlock)
@answers(BlockOut, status=201)
def block(body: dict[str, Any]) -> WalletBlock:
    """By one's open emergency access: a wallet stands still, also after one's own last block."""
    return emergency_acts.block(db_session(), **body, by=principal().person_id, now=now())


@blueprint.post("/emergencies/pauses")
@requires(*OPENERS)
@idempotent
@body(EmergencyPause)
@answers(EmergencyPaused)
def pause(body: dict[str, Any]) -> dict[str, Any]:
    """By one's open emergency access: a programme records nothing more."""
    found = emergency_acts.pause(db_session(), **body, by=principal().person_id, now=now())
    return {"id": found.id, "state": found.state.value}


@blueprint.get("/emergencies/requests")
@requires(*OPENERS)
@answers(LateRequests)
def late_requests() -> dict[str, Any]:
    """By one's open emergency access: requests about data that are late, with their words."""
    rows = emergency_acts.late_requests(db_session(), by=principal().person_id, now=now())
    db_session().commit()  # a GET, but each look is marked
    shown = [row.model_dump() | {"kind": row.kind.value, "text": text} for row, text in rows]
    return {"items": shown}


@blueprint.post("/emergencies/requests/<uuid:request_id>/answer")
@requires(*OPENERS)
@idempotent
@body(RequestAnswer)
@answers(RequestOut)
def answer(request_id: UUID, body: dict[str, Any]) -> RightsRequest:
    """By one's open emergency access: answers a request that is late."""
    by = principal().person_id
    return emergency_acts.answer(db_session(), request_id, **body, by=by, now=now())


def _shown(row: EmergencyAccess) -> dict[str, Any]:
    session, reviews = db_session(), emergencies.reviews_of(db_session(), row.id)
    actor = emergencies.reader(principal().person_id, frozenset(principal().roles))
    ended = emergencies.end_of(session, row)
    return row.model_dump() | {
        "ended_at": ended.at if ended else None,
        "ended_by": ended.by if ended else None,
        "reason": _read(partial(emergencies.reason_of, session, row, actor)),
        "acts": emergencies.acts_of(session, row.id),
        "reviews": [
            one.model_dump() | {"text": _read(partial(emergencies.text_of, session, one, actor))}
            for one in reviews
        ],
        "to_review": len(reviews) < emergencies.REVIEWS,
    }


def _read(text: Callable[[], str]) -> str | None:
    try:
        return text()
    except Problem as problem:
        if problem.code != "data-erased":
            raise
        return None
