"""What the chain made final: orders, refunds, pay-outs, payees. Every step can be told twice.

Called in the transaction that wrote the event into the ledger, after it. Holds end here; refunds
that waited for their order go out here. What the chain skipped stays accepted, held and on its way:
its row goes out again.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.events import RefundExecuted
from app.merchants.lost_refunds import enter_lost_refund
from app.merchants.models import (
    Merchant,
    OrderState,
    PayeeState,
    Payment,
    PaymentOrder,
    PaymentState,
    PayOut,
    PayOutState,
    Refund,
)
from app.merchants.payments import lock_payment
from app.merchants.refunds import announce_refund
from app.outbox.models import OutboxItem
from app.outbox.service import report_incident
from app.rewards.models import Programme
from app.rewards.money import ledger


def order_executed(session: Session, order_id: bytes, at: datetime) -> None:
    """The payer's hold ends, the order is settled; a payment is settled with its last order."""
    order = _locked_order(session, order_id)
    if order is None:
        _unknown(session, "order-unknown", order_id, at)
        return
    if order.state is OrderState.SETTLED:
        return
    order.state, order.settled_at = OrderState.SETTLED, at
    ledger.end_hold(
        session, address=order.payer_address, reason="payment", reference=order.id, now=at
    )
    session.flush()
    _send_waiting_refunds(session, order, at)
    _settle_payment(session, order.payment_id, at)


def refund_executed(session: Session, event: RefundExecuted) -> None:
    """The payee's hold ends. One that the books forgot is written down, and a person looks."""
    refund_id, at = event.refund_id, event.at.block_time
    refund = session.get(Refund, refund_id, with_for_update=True, populate_existing=True)
    if refund is None:
        enter_lost_refund(session, event)
        _unknown(session, "refund-unknown", refund_id, at)
        return
    if refund.state is OrderState.SETTLED:
        return
    refund.state, refund.settled_at = OrderState.SETTLED, at
    ledger.end_hold(
        session, address=refund.payee_address, reason="refund", reference=refund.id, now=at
    )
    session.flush()


def paid_out(session: Session, reference: bytes, payee: str, at: datetime) -> None:
    """Tokens are gone, euros are owed. A pay-out without euros to send is done with this."""
    pay_out = session.scalar(
        select(PayOut)
        .where(col(PayOut.reference) == reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if pay_out is None:
        _unknown(session, "pay-out-unknown", reference, at)
        return
    ledger.end_hold(session, address=payee, reason="pay_out", reference=reference, now=at)
    pay_out.burned_at = pay_out.burned_at or at
    if pay_out.state is PayOutState.CLOSED:
        pay_out.state = PayOutState.BURNED if pay_out.net_cents else PayOutState.CONFIRMED
    session.flush()


def payee_state_changed(session: Session, payee: str, chain_state: int) -> None:
    """Registered (1), closing (2), closed (3). The chain's word for it comes after ours."""
    merchant = session.scalar(
        select(Merchant).where(col(Merchant.address) == payee).with_for_update()
    )
    if merchant is None:
        return
    if chain_state == 1 and merchant.state in (PayeeState.PENDING, PayeeState.CLOSED):
        merchant.state = PayeeState.ACTIVE
    if chain_state == 2 and merchant.state is PayeeState.ACTIVE:
        merchant.state = PayeeState.CLOSING  # a restore forgot that we said so
    if chain_state == 3:
        merchant.state = PayeeState.CLOSED
    session.flush()


def _locked_order(session: Session, order_id: bytes) -> PaymentOrder | None:
    return session.get(PaymentOrder, order_id, with_for_update=True, populate_existing=True)


def _send_waiting_refunds(session: Session, order: PaymentOrder, at: datetime) -> None:
    """But for those whose row came back after a restore: they are on their way, and held as far as
    the chain has not executed them."""
    sent = exists().where(
        col(OutboxItem.kind) == "settle_refunds",
        col(OutboxItem.key) == func.encode(col(Refund.id), "hex"),
    )
    waiting = session.scalars(
        select(Refund)
        .where(col(Refund.order_id) == order.id, col(Refund.state) == OrderState.ACCEPTED, ~sent)
        .order_by(col(Refund.created_at), col(Refund.id))
    ).all()
    programme = session.get_one(Programme, order.programme_id)
    for refund in waiting:
        announce_refund(session, refund, order, programme, at, promised=True)


def _settle_payment(session: Session, payment_id: UUID, at: datetime) -> None:
    payment: Payment = lock_payment(session, payment_id)
    open_orders = select(func.count()).where(
        col(PaymentOrder.payment_id) == payment_id,
        col(PaymentOrder.state) != OrderState.SETTLED,
    )
    if session.scalar(open_orders) == 0:
        payment.state, payment.settled_at = PaymentState.SETTLED, at
    session.flush()


def _unknown(session: Session, code: str, reference: bytes, at: datetime) -> None:
    """Final on the chain and not among our rows: a restored backup, or another's acceptance."""
    report_incident(
        session,
        code=code,
        detail="The chain executed what this database does not know.",
        now=at,
        reference="0x" + reference.hex(),
    )
