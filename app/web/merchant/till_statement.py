"""What a shop is paid out: when the next week is cut off, each pay-out with its bank transfer."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.context import db_session, now
from app.identity.models import Organisation, Role
from app.merchants import queries, statements
from app.merchants.bank_files import current_details, doubted_shops
from app.merchants.bank_reading import read_bank_details
from app.merchants.models import BankOrder, Merchant, OrderState, PaymentOrder, PayOut, PayOutState
from app.merchants.periods import next_cut_off
from app.merchants.queries import PaymentView
from app.privacy.service import Actor
from app.reporting.completeness.proving import why_pay_outs_wait
from app.rewards.models import Programme
from app.rewards.money.ledger import available
from app.security import principal, requires
from app.web import formats
from app.web.merchant.till import blueprint
from app.web.shell import page, state_words
from app.web.telling.endings_view import endings_at
from app.web.words import gettext as _
from app.web.words import locale

_START = datetime(2000, 1, 1, tzinfo=UTC)


@blueprint.get("/till/pay-outs")
@requires(Role.MERCHANT)
def statement() -> Response:
    session, shop_id = db_session(), principal().organisation(Role.MERCHANT)
    merchant = session.get_one(Merchant, shop_id)
    basis_points = merchant.fee_basis_points
    pay_outs = queries.pay_outs_of(session, shop_id)
    closed = [row.created_at for row in pay_outs if row.state is PayOutState.CLOSED]
    iban_end = _iban_end(session, shop_id)
    return page(
        "till/statement.html",
        fee=formats.percent(basis_points) if basis_points else "",
        due_cents=available(session, merchant.address),
        settling_cents=_settling(session, merchant.address),
        next_cut_off=next_cut_off(session, now()),
        endings=endings_at(session, shop_id, now()),
        iban_end=iban_end,
        doubted=not iban_end and shop_id in doubted_shops(session),
        waits=why_pay_outs_wait(session, max(closed)) if closed else "",
        pay_outs=[_pay_out(session, row) for row in pay_outs],
    )


def _settling(session: Session, address: str) -> int:
    """Accepted, on its way to the register; in no pay-out before it is there."""
    query = select(func.coalesce(func.sum(col(PaymentOrder.amount_cents)), 0)).where(
        col(PaymentOrder.payee_address) == address, col(PaymentOrder.state) == OrderState.ACCEPTED
    )
    return int(session.scalar(query) or 0)


def _iban_end(session: Session, shop_id: UUID) -> str:
    """The last four digits of the account that is paid to; the reading is recorded."""
    details = current_details(session, shop_id)
    if details is None:
        return ""
    return read_bank_details(session, details, Actor.subject(principal().person_id)).iban[-4:]


def _pay_out(session: Session, row: PayOut) -> SimpleNamespace:
    order = session.scalars(
        select(BankOrder)
        .where(col(BankOrder.pay_out_id) == row.id)
        .order_by(col(BankOrder.id).desc())
        .limit(1)
    ).one_or_none()
    return SimpleNamespace(
        period=row.period,
        programme=session.get_one(Programme, row.programme_id).name[locale()],
        gross_cents=row.gross_cents,
        fee_cents=row.fee_cents,
        net_cents=row.net_cents,
        state=row.state.value,
        state_words=state_words(row.state.value),
        cut_off=formats.moment(row.cut_off),
        burned=formats.moment(row.burned_at) if row.burned_at else "",
        confirmed=formats.moment(row.confirmed_at) if row.confirmed_at else "",
        reference=order.end_to_end_id if order else "",
    )


@blueprint.get("/till/payments.csv")
@requires(Role.MERCHANT)
def csv_file() -> Response:
    session, shop_id, at = db_session(), principal().organisation(Role.MERCHANT), now()
    zone = ZoneInfo(session.get_one(Organisation, shop_id).time_zone)
    views = queries.payments_between(session, merchant_id=shop_id, since=_START, until=at, now=at)
    name = _("payments")
    return Response(
        _as_spreadsheet(views, zone),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}.csv"},
    )


def _as_spreadsheet(views: list[PaymentView], zone: ZoneInfo) -> str:
    """As a spreadsheet in the reader's language opens it; programs read the API's table."""
    text = io.StringIO()
    text.write("\ufeff")  # else accents break in some spreadsheets
    rows = csv.writer(text, delimiter=";" if locale() == "fr" else ",")
    rows.writerow(
        [_("Paid on"), _("Code"), _("For what"), _("State"), _("Amount"), _("Refunded"), _("Id")]
    )
    for view in views:
        paid = view.accepted_at.astimezone(zone) if view.accepted_at else None
        rows.writerow(
            [
                f"{paid:%Y-%m-%d %H:%M:%S}" if paid else "",
                view.short_code,
                statements.harmless(view.label or ""),
                state_words(view.state.value),
                formats.plain_euros(view.amount_cents),
                formats.plain_euros(view.refunded_cents),
                str(view.id),
            ]
        )
    return text.getvalue()
