"""What a pay-out consists of: settled orders, their refunds, and confirmed corrections, each once.

Refunds count as soon as they are accepted, whatever the cut-off: what they promised is held at
the payee and can't be paid out too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Mapped, Session
from sqlmodel import col

from app.merchants import rules
from app.merchants.contestable import kept_back
from app.merchants.models import (
    FeeCorrection,
    OrderState,
    Payment,
    PaymentOrder,
    PayOut,
    PayOutLine,
    Refund,
)


def open_lines(session: Session, pay_out: PayOut, payee_address: str) -> list[PayOutLine]:
    """Unsaved lines of orders settled up to the cut-off and of their refunds, not yet paid out."""
    rows = _open_orders(session, pay_out, payee_address)
    refunds = _refunds_by_order(session, [order.id for order, _ in rows])
    paid = _lined(session, "payment", col(PayOutLine.order_id), [order.id for order, _ in rows])
    given = [refund.id for of_order in refunds.values() for refund in of_order]
    returned = _lined(session, "refund", col(PayOutLine.refund_id), given)
    made: list[PayOutLine] = []
    for order, payment in rows:
        if order.id not in paid:
            made.append(_payment_line(pay_out.id, order, payment.fee_basis_points))
        lines = _refund_lines(pay_out.id, order, refunds[order.id], payment.fee_basis_points)
        made.extend(line for line in lines if line.refund_id not in returned)
    return made


def _open_orders(
    session: Session, pay_out: PayOut, payee_address: str
) -> Sequence[tuple[PaymentOrder, Payment]]:
    """Settled in time, not to be contested, and not in a pay-out or with a refund that isn't."""
    rows = session.execute(
        select(PaymentOrder, Payment)
        .join(Payment, col(Payment.id) == col(PaymentOrder.payment_id))
        .where(
            col(PaymentOrder.payee_address) == payee_address,
            col(PaymentOrder.programme_id) == pay_out.programme_id,
            col(PaymentOrder.state) == OrderState.SETTLED,
            col(PaymentOrder.settled_at) <= pay_out.cut_off,
            or_(~_order_lined(), _open_refund()),
            ~kept_back(pay_out.created_at),
        )
        .order_by(col(Payment.id), col(PaymentOrder.position))
    ).all()
    return [(order, payment) for order, payment in rows]


def open_corrections(session: Session, pay_out: PayOut) -> list[PayOutLine]:
    """Unsaved contra-lines of confirmed corrections of this merchant's lines, not yet taken up."""
    taken = select(col(PayOutLine.corrects)).where(col(PayOutLine.kind) == "contra")
    found = session.scalars(
        select(FeeCorrection)
        .join(PayOutLine, col(PayOutLine.id) == col(FeeCorrection.line_id))
        .join(PayOut, col(PayOut.id) == col(PayOutLine.pay_out_id))
        .where(
            col(PayOut.merchant_id) == pay_out.merchant_id,
            col(PayOut.programme_id) == pay_out.programme_id,
            col(FeeCorrection.confirmed_at).is_not(None),
            col(FeeCorrection.id).not_in(taken),
        )
        .order_by(col(FeeCorrection.id))
    ).all()
    return [
        PayOutLine(
            pay_out_id=pay_out.id,
            kind="contra",
            corrects=correction.id,
            amount_cents=0,
            fee_cents=correction.fee_cents,
            reason=correction.reason,
        )
        for correction in found
    ]


def _order_lined() -> ColumnElement[bool]:
    return (
        select(col(PayOutLine.id))
        .where(col(PayOutLine.kind) == "payment", col(PayOutLine.order_id) == col(PaymentOrder.id))
        .exists()
    )


def _open_refund() -> ColumnElement[bool]:
    """Whether the order has a refund that is in no pay-out yet."""
    lined = and_(col(PayOutLine.kind) == "refund", col(PayOutLine.refund_id) == col(Refund.id))
    return (
        select(col(Refund.id))
        .where(
            col(Refund.order_id) == col(PaymentOrder.id),
            ~select(col(PayOutLine.id)).where(lined).exists(),
        )
        .exists()
    )


def _refunds_by_order(
    session: Session, order_ids: Sequence[bytes]
) -> defaultdict[bytes, list[Refund]]:
    refunds: defaultdict[bytes, list[Refund]] = defaultdict(list)
    rows = session.scalars(
        select(Refund)
        .where(col(Refund.order_id).in_(order_ids))
        .order_by(col(Refund.created_at), col(Refund.id))
    )
    for refund in rows:
        refunds[refund.order_id].append(refund)
    return refunds


def _lined(
    session: Session, kind: str, known: Mapped[bytes | None], ids: Sequence[bytes]
) -> set[bytes | None]:
    rows = session.scalars(select(known).where(col(PayOutLine.kind) == kind, known.in_(ids)))
    return set(rows)


def _payment_line(pay_out_id: UUID, order: PaymentOrder, basis_points: int) -> PayOutLine:
    return PayOutLine(
        pay_out_id=pay_out_id,
        kind="payment",
        order_id=order.id,
        amount_cents=order.amount_cents,
        fee_cents=rules.fee(order.amount_cents, basis_points),
    )


def _refund_lines(
    pay_out_id: UUID, order: PaymentOrder, refunds: Sequence[Refund], basis_points: int
) -> list[PayOutLine]:
    """All refunds of an order in order of acceptance: each fee follows from those before it."""
    made: list[PayOutLine] = []
    before = 0
    for refund in refunds:
        back = rules.refund_fee(order.amount_cents, before, refund.amount_cents, basis_points)
        line = PayOutLine(
            pay_out_id=pay_out_id,
            kind="refund",
            refund_id=refund.id,
            amount_cents=-refund.amount_cents,
            fee_cents=back,
        )
        made.append(line)
        before += refund.amount_cents
    return made
