"""What of a payee's tokens is kept back: card payments that may still be contested, or are.

They are neither paid out nor used for refunds of other payments.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.merchants.contest_models import Contest, ContestState
from app.merchants.payment_models import OrderState, Payment, PaymentOrder, Refund

CONTEST_TIME = timedelta(days=10)


def kept_back(now: datetime) -> ColumnElement[bool]:
    """Of a row of payment: its ten days last, or its contest is open, or the refund still due."""
    contest = exists().where(col(Contest.payment_id) == col(Payment.id))
    waiting = contest.where(
        or_(
            col(Contest.state) == ContestState.OPEN,
            and_(col(Contest.state) == ContestState.UPHELD, col(Contest.refunded_at).is_(None)),
        )
    )
    in_time = func.coalesce(col(Payment.contestable_until) > now, False)
    return or_(waiting, and_(in_time, ~contest))


def kept_back_cents(
    session: Session,
    payee_address: str,
    now: datetime,
    *,
    programme_id: UUID | None = None,
    but: UUID | None = None,
) -> int:
    """What a payee's settled orders of such payments come to, less refunds; `but` one payment's."""
    refunded = (
        select(func.coalesce(func.sum(col(Refund.amount_cents)), 0))
        .where(col(Refund.order_id) == col(PaymentOrder.id))
        .scalar_subquery()
    )
    query = (
        select(func.coalesce(func.sum(col(PaymentOrder.amount_cents) - refunded), 0))
        .join(Payment, col(Payment.id) == col(PaymentOrder.payment_id))
        .where(
            col(PaymentOrder.payee_address) == payee_address,
            col(PaymentOrder.state) == OrderState.SETTLED,
            kept_back(now),
        )
    )
    if programme_id is not None:
        query = query.where(col(PaymentOrder.programme_id) == programme_id)
    if but is not None:
        query = query.where(col(Payment.id) != but)
    return int(session.scalar(query) or 0)
