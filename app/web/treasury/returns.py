"""What goes back to a funder, on the treasurers' page: named by one, confirmed by another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import select
from sqlmodel import col

from app.context import db_session, now
from app.endings import returns
from app.endings.api.schemas import NewReturn
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Role
from app.rewards.models import Programme, ProgrammeState
from app.rewards.money.transfer_models import MoneyReturn
from app.security import principal, requires
from app.web import forms
from app.web.shell import to
from app.web.treasury import fundings as treasury
from app.web.words import locale


def values() -> dict[str, Any]:
    """What the page shows of them."""
    session = db_session()
    rows = session.scalars(select(MoneyReturn).order_by(col(MoneyReturn.id).desc()).limit(40))
    closed = select(Programme).where(col(Programme.state) == ProgrammeState.CLOSED)
    return {
        "returns": [treasury.transfer(row) for row in rows.all()],
        "closed": [
            (row, row.name[locale()], returns.left_cents(session, row, final=False))
            for row in session.scalars(closed.order_by(col(Programme.id))).all()
        ],
    }


@treasury.blueprint.post("/treasury/returns")
@requires(Role.TREASURER)
@idempotent
def propose_return() -> Response:
    try:
        typed = {"amount_cents": forms.cents("amount"), **forms.given("bank_reference")}
        returns.propose_return(
            db_session(),
            treasury.programme_named(request.form.get("programme_id", "")).id,
            **forms.load(NewReturn, typed),
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        return _again(problem)
    return to("treasury.home")


@treasury.blueprint.post("/treasury/returns/<uuid:return_id>/confirmation")
@requires(Role.TREASURER)
@idempotent
def confirm_return(return_id: UUID) -> Response:
    try:
        returns.confirm_return(db_session(), return_id, by=principal().person_id, now=now())
    except Problem as problem:
        return _again(problem)
    return to("treasury.home")


@treasury.blueprint.post("/treasury/returns/<uuid:return_id>/withdrawal")
@requires(Role.TREASURER)
@idempotent
def withdraw_return(return_id: UUID) -> Response:
    try:
        returns.withdraw_return(db_session(), return_id, by=principal().person_id, now=now())
    except Problem as problem:
        return _again(problem)
    return to("treasury.home")


def _again(problem: Problem) -> Response:
    db_session().rollback()
    return treasury.shown(problem)


treasury.PARTS.append(values)
