"""When a desk that another has replaced may lose its right to pay: once nothing can need it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.merchants.models import PaymentOrder
from app.merchants.signing import order_arguments
from app.rewards.life import ENDED
from app.rewards.models import Programme

AT_ONCE = 1_000  # orders in memory


def needs_desk(session: Session, desk: typed.Domain) -> Programme | None:
    """A programme that isn't closed and has an order of this desk: that order may still have to be
    settled, or given back by the desk that alone knows it."""
    query = (
        select(PaymentOrder, Programme)
        .join(Programme, col(Programme.id) == col(PaymentOrder.programme_id))
        .where(col(Programme.state).not_in(ENDED))
        .execution_options(yield_per=AT_ONCE)
    )
    for order, programme in session.execute(query):
        struct = typed.Order(**order_arguments(order, programme.chain_id))
        if typed.order_digest(desk, struct) == order.id:
            return programme
    return None
