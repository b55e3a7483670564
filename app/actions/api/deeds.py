"""A citizen's deeds: declared by themselves, looked at, undone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.acting import covered_by
from app.actions import queries
from app.actions.api.blueprint import blueprint
from app.actions.api.schemas import ActionOut, ActionPage, NewDeed
from app.actions.api.view import page_of, shown
from app.actions.recording import Deed
from app.context import db_session, now, services
from app.idempotency import idempotent
from app.identity.mandates.models import Act
from app.identity.models import Role
from app.openapi import answers, body, query
from app.paging import PageQuery
from app.rewards.valuing import deeds
from app.security import principal, requires


@blueprint.post("/actions")
@requires(Role.CITIZEN)
@idempotent
@body(NewDeed)
@answers(ActionOut, status=201)
def declare(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Records what the signed-in citizen says they did: counted apart, never rewarded."""
    programme_id = body.pop("programme_id")
    action = deeds.declare(
        db_session(),
        Deed(**body),
        person_id=principal().person_id,
        programme_id=programme_id,
        wallets=services().signer,
        now=now(),
    )
    return shown(action), {"Location": f"/api/v1/me/actions/{action.id}"}


@blueprint.get("/me/actions")
@requires(Role.CITIZEN)
@query(PageQuery)
@answers(ActionPage)
@covered_by(Act.SEE, sees=["deeds"])
def own(query: dict[str, Any]) -> dict[str, Any]:
    """The citizen's deeds, newest first, each with its state and what it brought."""
    return page_of(queries.own_actions(db_session(), principal().whose, **query))


@blueprint.get("/me/actions/<uuid:action_id>")
@requires(Role.CITIZEN)
@answers(ActionOut, etag=True)
@covered_by(Act.SEE, sees=["deeds"])
def own_one(action_id: UUID) -> dict[str, Any]:
    """One deed, its amount explained line by line."""
    return shown(queries.own_action(db_session(), principal().whose, action_id))


@blueprint.post("/actions/<uuid:action_id>/withdrawal")
@requires(Role.CITIZEN, Role.ATTESTER)
@idempotent
@answers(None, status=204)
def undo(action_id: UUID) -> None:
    """Takes a deed back, by who entered it, within ten minutes."""
    caller = principal()
    deeds.undo(db_session(), action_id, by=caller.person_id, at=caller.workplace, now=now())
