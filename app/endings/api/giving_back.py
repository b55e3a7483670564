"""What a closed programme leaves goes back to its funder: two treasurers, one bank transfer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.context import db_session, now
from app.endings import returns
from app.endings.api.blueprint import blueprint
from app.endings.api.schemas import NewReturn, ReturnOut, ReturnPage
from app.idempotency import idempotent
from app.identity.models import Role
from app.openapi import answers, body, query
from app.paging import PageQuery, page
from app.rewards.money.transfer_models import MoneyReturn
from app.rewards.valuing.authenticate import programme_of
from app.security import principal, requires


@blueprint.get("/programmes/<uuid:programme_id>/returns")
@requires(Role.TREASURER, Role.OFFICER, Role.AUDITOR)
@query(PageQuery)
@answers(ReturnPage)
def all_returns(programme_id: UUID, query: dict[str, Any]) -> dict[str, Any]:
    """What went back to the programme's funder, newest first; only those with `final_at` count."""
    programme = programme_of(db_session(), programme_id)
    wanted = select(MoneyReturn).where(col(MoneyReturn.programme_id) == programme.id)
    rows, cursor = page(db_session(), wanted, key=MoneyReturn.id, **query)
    return {"items": rows, "next_cursor": cursor}


@blueprint.post("/programmes/<uuid:programme_id>/returns")
@requires(Role.TREASURER)
@idempotent
@body(NewReturn)
@answers(ReturnOut, status=201)
def propose(programme_id: UUID, body: dict[str, Any]) -> MoneyReturn:
    """Names a bank transfer to the funder of a closed programme; it counts once another treasurer
    confirmed it."""
    by = principal().person_id
    return returns.propose_return(db_session(), programme_id, **body, by=by, now=now())


@blueprint.post("/returns/<uuid:return_id>/confirmation")
@requires(Role.TREASURER)
@idempotent
@answers(ReturnOut)
def confirm(return_id: UUID) -> MoneyReturn:
    """Another treasurer saw the same transfer."""
    return returns.confirm_return(db_session(), return_id, by=principal().person_id, now=now())


@blueprint.post("/returns/<uuid:return_id>/withdrawal")
@requires(Role.TREASURER)
@idempotent
@answers(ReturnOut)
def withdraw(return_id: UUID) -> MoneyReturn:
    """Takes back what nobody confirmed yet. The reference is free once the chain let it go."""
    return returns.withdraw_return(db_session(), return_id, by=principal().person_id, now=now())
