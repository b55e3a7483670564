"""Refunds that the chain executed and our books forgot, such as in a restore: written down as the
chain says, so that a payment is refunded, and paid out, by what is left of it.

Its nonce and signatures are the desk's knowledge then, not ours; a restored row fills them in.
Callers commit.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.events import At, RefundExecuted, event_of
from app.chain.models import ChainBlock, ChainCursor, ChainLog
from app.merchants.models import OrderState, PaymentOrder, Refund

UNSIGNED = b""


def enter_lost_refund(session: Session, event: RefundExecuted) -> bool:
    """Whether the books know its order, without which there is nothing to write it to."""
    order = session.get(PaymentOrder, event.order_id, with_for_update=True)
    if order is None or order.payee_address != event.payee:
        return False
    session.add(
        Refund(
            id=event.refund_id,
            payment_id=order.payment_id,
            order_id=order.id,
            payee_address=event.payee,
            amount_cents=event.amount,
            nonce=UNSIGNED,
            payee_signature=UNSIGNED,
            acceptor_signature=UNSIGNED,
            state=OrderState.SETTLED,
            created_at=event.at.block_time,
            settled_at=event.at.block_time,
        )
    )
    session.flush()
    return True


def enter_lost_refunds(session: Session, payee: str) -> int:
    """Those of a payee whose order came back after the chain had told of them; how many."""
    arguments = type_coerce(col(ChainLog.arguments), JSONB)
    final = select(col(ChainCursor.number)).where(col(ChainCursor.name) == "final")
    query = (
        select(ChainLog, col(ChainBlock.block_time))
        .join(ChainBlock, col(ChainBlock.hash) == col(ChainLog.block_hash))
        .where(
            col(ChainLog.event) == "RefundExecuted",
            col(ChainLog.quarantined).is_(None),
            col(ChainLog.block_number) <= final.scalar_subquery(),
            arguments["payee"].astext == payee,
        )
        .order_by(col(ChainLog.block_number), col(ChainLog.log_index))
    )
    return sum(_enter(session, log, at) for log, at in session.execute(query).all())


def _enter(session: Session, log: ChainLog, at: datetime) -> bool:
    place = At(
        log.block_number, log.block_hash, at, log.log_index, log.transaction_hash, log.address
    )
    event = event_of(log.event or "", place, log.arguments or {})
    if not isinstance(event, RefundExecuted) or session.get(Refund, event.refund_id) is not None:
        return False
    return enter_lost_refund(session, event)
