"""The walk from a payment to the bank, both ways, row by row; for the shop and for treasurers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import NotFound
from app.merchants.models import BankOrder, Payment, PaymentOrder, PayOut, PayOutLine, Refund


@dataclass(frozen=True)
class LineView:
    """A line with the payment it comes from; a correction comes from none."""

    line: PayOutLine
    payment_id: UUID | None
    short_code: str | None


@dataclass(frozen=True)
class PayOutTrail:
    """A pay-out with its lines and every bank order that was made for it."""

    pay_out: PayOut
    lines: list[LineView]
    bank_orders: Sequence[BankOrder]


def pay_outs_of_payment(
    session: Session, payment_id: UUID, *, merchant_id: UUID | None = None
) -> list[PayOutTrail]:
    """Forwards: in which pay-outs a payment and its refunds are, and what the bank did with them.

    With `merchant_id`, another shop's payment is unknown. Each trail has this payment's lines only.
    """
    payment = session.get(Payment, payment_id)
    if payment is None or merchant_id not in (None, payment.merchant_id):
        raise NotFound("payment-unknown")
    lines = _lines(session, _with_payments().where(col(Payment.id) == payment_id))
    found = sorted({view.line.pay_out_id for view in lines})
    return [
        _trail(session, one, [view for view in lines if view.line.pay_out_id == one])
        for one in found
    ]


def pay_out_trail(
    session: Session, pay_out_id: UUID, *, merchant_id: UUID | None = None
) -> PayOutTrail:
    """The whole pay-out: back to its payments, on to the bank. Another shop's is unknown."""
    pay_out = session.get(PayOut, pay_out_id)
    if pay_out is None or merchant_id not in (None, pay_out.merchant_id):
        raise NotFound
    query = _with_payments().where(col(PayOutLine.pay_out_id) == pay_out_id)
    return _trail(session, pay_out_id, _lines(session, query))


def pay_out_of_transfer(session: Session, end_to_end_id: str) -> PayOutTrail:
    """Backwards, from what a bank statement shows."""
    order = session.scalar(select(BankOrder).where(col(BankOrder.end_to_end_id) == end_to_end_id))
    if order is None:
        raise NotFound
    return pay_out_trail(session, order.pay_out_id)


def _trail(session: Session, pay_out_id: UUID, lines: list[LineView]) -> PayOutTrail:
    orders = session.scalars(
        select(BankOrder).where(col(BankOrder.pay_out_id) == pay_out_id).order_by(col(BankOrder.id))
    ).all()
    return PayOutTrail(session.get_one(PayOut, pay_out_id), lines, orders)


def _with_payments() -> Select[PayOutLine, UUID | None, str | None]:
    return (
        select(PayOutLine, col(Payment.id), col(Payment.short_code))
        .outerjoin(Refund, col(Refund.id) == col(PayOutLine.refund_id))
        .outerjoin(
            PaymentOrder,
            or_(
                col(PaymentOrder.id) == col(PayOutLine.order_id),
                col(PaymentOrder.id) == col(Refund.order_id),
            ),
        )
        .outerjoin(Payment, col(Payment.id) == col(PaymentOrder.payment_id))
    )


def _lines(session: Session, query: Select[PayOutLine, UUID | None, str | None]) -> list[LineView]:
    rows = session.execute(query.order_by(col(PayOutLine.id))).all()
    return [LineView(line, payment_id, code) for line, payment_id, code in rows]
