"""The treasurers' page: fundings with two signatures, pay-outs, bank files."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from sqlalchemy import select
from sqlmodel import col

from app.context import db_session, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Organisation, Role
from app.merchants import bank_files, pay_outs
from app.merchants.models import BankFile, BankOrder, BankOrderState, PayOut, PayOutState
from app.merchants.periods import up_to
from app.merchants.wiring import city_account_of
from app.privacy.service import Actor
from app.rewards.api.schemas import NewFunding
from app.rewards.models import Funding, Programme
from app.rewards.money import funding as money
from app.rewards.money.transfer_models import MoneyReturn
from app.rewards.money.withdrawals import withdraw_funding
from app.security import principal, requires
from app.web import formats, forms
from app.web.shell import page, state_words, to
from app.web.words import gettext as _
from app.web.words import locale

blueprint = Blueprint("treasury", __name__)
SHOWN = 40
PARTS: list[Callable[[], dict[str, Any]]] = []  # what other modules add to the page
OWED = (PayOutState.BURNED, PayOutState.REFUSED)


@blueprint.get("/treasury")
@requires(Role.TREASURER, Role.OFFICER)
def home() -> Response:
    return shown(None)


def shown(problem: Problem | None) -> Response:
    session = db_session()
    rows = session.scalars(select(PayOut).order_by(col(PayOut.id).desc()).limit(SHOWN)).all()
    fundings = session.scalars(select(Funding).order_by(col(Funding.id).desc()).limit(SHOWN)).all()
    programmes = session.scalars(select(Programme).order_by(col(Programme.id).desc())).all()
    doubted = bank_files.doubted_shops(session)
    files = session.scalars(select(BankFile).order_by(col(BankFile.id).desc()).limit(SHOWN)).all()
    return page(
        "treasury/home.html",
        problem=problem,
        officer=principal().has(Role.OFFICER),
        may_propose=principal().has(Role.TREASURER),
        fundings=[transfer(row) for row in fundings],
        programmes=[(str(row.id), row.name[locale()]) for row in programmes],
        pay_outs=[_pay_out(row, doubted) for row in rows],
        ready=sum(row.state in OWED and row.merchant_id not in doubted for row in rows),
        files=[_file(row) for row in files],
        **{name: value for part in PARTS for name, value in part().items()},
    )


def transfer(row: Funding | MoneyReturn) -> SimpleNamespace:
    """A named bank transfer, in or out, as its reader may go on with it."""
    person = principal()
    waits = row.confirmed_at is None and row.withdrawn_at is None
    if row.withdrawn_at is not None:
        words = _("withdrawn")
    elif row.final_at is not None:
        words = _("counted, on the register")
    else:
        words = _("waits for a second treasurer") if waits else _("on its way to the register")
    return SimpleNamespace(
        id=row.id,
        programme=db_session().get_one(Programme, row.programme_id).name[locale()],
        bank_reference=row.bank_reference,
        amount_cents=row.amount_cents,
        state_words=words,
        may_withdraw=waits and person.has(Role.TREASURER),
        may_confirm=waits and person.has(Role.TREASURER) and row.proposed_by != person.person_id,
    )


def _pay_out(row: PayOut, doubted: set[UUID]) -> SimpleNamespace:
    waits = row.state in OWED and row.merchant_id in doubted
    return SimpleNamespace(
        id=row.id,
        shop=db_session().get_one(Organisation, row.merchant_id).name,
        period=row.period,
        net_cents=row.net_cents,
        state=row.state.value,
        state_words=_("owed; its bank account must be confirmed anew")
        if waits
        else state_words(row.state.value),
        may_answer=row.state is PayOutState.ORDERED and principal().has(Role.TREASURER),
    )


def _file(row: BankFile) -> dict[str, Any]:
    return {
        "id": row.id,
        "message_id": row.message_id,
        "transfers": row.transfers,
        "total_cents": row.total_cents,
        "when": formats.moment(row.created_at),
    }


@blueprint.post("/treasury/fundings")
@requires(Role.TREASURER)
@idempotent
def propose() -> Response:
    try:
        typed = {"amount_cents": forms.cents("amount"), **forms.given("bank_reference")}
        money.propose_funding(
            db_session(),
            programme_named(request.form.get("programme_id", "")),
            **forms.load(NewFunding, typed),
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return shown(problem)
    return to("treasury.home")


def programme_named(text: str) -> Programme:
    try:
        found = db_session().get(Programme, UUID(text))
    except ValueError:
        found = None
    if found is None:
        raise Problem("not-found")
    return found


@blueprint.post("/treasury/fundings/<uuid:funding_id>/confirmation")
@requires(Role.TREASURER)
@idempotent
def confirm(funding_id: UUID) -> Response:
    try:
        money.confirm_funding(db_session(), funding_id, by=principal().person_id, now=now())
    except Problem as problem:
        db_session().rollback()
        return shown(problem)
    return to("treasury.home")


@blueprint.post("/treasury/fundings/<uuid:funding_id>/withdrawal")
@requires(Role.TREASURER)
@idempotent
def withdraw(funding_id: UUID) -> Response:
    try:
        withdraw_funding(db_session(), funding_id, by=principal().person_id, now=now())
    except Problem as problem:
        db_session().rollback()
        return shown(problem)
    return to("treasury.home")


@blueprint.post("/treasury/pay-outs")
@requires(Role.TREASURER)
@idempotent
def close_period() -> Response:
    """Closes up to now; each close is a period of its own."""
    session, at = db_session(), now()
    pay_outs.close_due_periods(session, period=up_to(session, at), cut_off=at, now=at)
    return to("treasury.home")


@blueprint.post("/treasury/bank-files")
@requires(Role.TREASURER)
@idempotent
def make_file() -> Response:
    try:
        bank_files.make_bank_file(
            db_session(),
            debtor=city_account_of(services()),
            folder=services().settings.kept.artefacts,
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return shown(problem)
    return to("treasury.home")


@blueprint.get("/treasury/bank-files/<uuid:file_id>.xml")
@requires(Role.TREASURER)
def download(file_id: UUID) -> Response:
    actor = Actor(principal().person_id, Role.TREASURER.value)
    xml = bank_files.download_bank_file(db_session(), file_id=file_id, actor=actor)
    db_session().commit()  # the read is recorded, though this is a GET
    return Response(
        xml,
        mimetype="application/xml",
        headers={"Content-Disposition": f"attachment; filename={file_id}.xml"},
    )


@blueprint.post("/treasury/pay-outs/<uuid:pay_out_id>/answer")
@requires(Role.TREASURER)
@idempotent
def bank_answer(pay_out_id: UUID) -> Response:
    """What the bank said of the one transfer of a pay-out that is on its way."""
    session, by, at = db_session(), principal().person_id, now()
    order = session.scalars(
        select(BankOrder).where(
            col(BankOrder.pay_out_id) == pay_out_id,
            col(BankOrder.state) == BankOrderState.ORDERED,
        )
    ).one_or_none()
    if order is None:
        raise Problem("not-found")
    if request.form.get("done") == "yes":
        bank_files.confirm_transfer(session, order_id=order.id, by=by, now=at)
    else:
        bank_files.refuse_transfer(
            session, order_id=order.id, reason=_("refused by the bank"), by=by, now=at
        )
    return to("treasury.home")
