"""A programme's money: two treasurers, one bank transfer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.context import db_session, now
from app.idempotency import idempotent
from app.identity.models import Role
from app.openapi import answers, body
from app.rewards.api.blueprint import blueprint
from app.rewards.api.schemas import FundingList, FundingOut, NewFunding
from app.rewards.models import Funding
from app.rewards.money.funding import confirm_funding, propose_funding
from app.rewards.money.withdrawals import withdraw_funding
from app.rewards.valuing.authenticate import programme_of
from app.security import principal, requires


@blueprint.get("/programmes/<uuid:programme_id>/funding")
@requires(Role.TREASURER, Role.OFFICER, Role.AUDITOR)
@answers(FundingList)
def fundings(programme_id: UUID) -> dict[str, Any]:
    """The programme's fundings, newest first; only those with `final_at` count."""
    query = select(Funding).where(col(Funding.programme_id) == programme_id)
    return {"items": db_session().scalars(query.order_by(col(Funding.id).desc())).all()}


@blueprint.post("/programmes/<uuid:programme_id>/funding")
@requires(Role.TREASURER)
@idempotent
@body(NewFunding)
@answers(FundingOut, status=201)
def propose(programme_id: UUID, body: dict[str, Any]) -> Funding:
    """Names a bank transfer; it counts once another treasurer confirmed it."""
    programme = programme_of(db_session(), programme_id)
    by = principal().person_id
    return propose_funding(db_session(), programme, by=by, now=now(), **body)


@blueprint.post("/funding/<uuid:funding_id>/confirmation")
@requires(Role.TREASURER)
@idempotent
@answers(FundingOut)
def confirm(funding_id: UUID) -> Funding:
    """Another treasurer saw the same transfer."""
    return confirm_funding(db_session(), funding_id, by=principal().person_id, now=now())


@blueprint.post("/funding/<uuid:funding_id>/withdrawal")
@requires(Role.TREASURER)
@idempotent
@answers(FundingOut)
def withdraw(funding_id: UUID) -> Funding:
    """Takes back what nobody confirmed yet. The reference is free once the chain let it go."""
    return withdraw_funding(db_session(), funding_id, by=principal().person_id, now=now())
