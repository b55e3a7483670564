"""Giving back all or part of a payment: bounded by what was paid and by what the shop still has.

A refund of an order that is not settled yet counts on what that order will bring: it is announced,
and held at the payee, in the very transaction that sees the order settled. Until then it takes
nothing from other money of the payee. Callers commit.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.errors import Problem
from app.merchants import letters, rules
from app.merchants.contestable import kept_back_cents
from app.merchants.models import OrderState, Payment, PaymentOrder, Refund
from app.merchants.payments import lock_payment
from app.merchants.rules import PaidPart
from app.merchants.signing import RefundDesk, check_signed_by, order_arguments
from app.outbox.service import enqueue
from app.rewards.life import ENDED, spending_over
from app.rewards.models import Programme
from app.rewards.money import ledger
from app.rewards.money.entries import lock_balances


@dataclass(frozen=True)
class Asked:
    """Who of the shop's staff asks, in which live session, and when.

    Without a session it is two officers who upheld a contest, and `by` the second of them.
    """

    desk: RefundDesk
    by: UUID | None
    session_id: UUID | None
    now: datetime


def refund_payment(
    session: Session,
    *,
    merchant_id: UUID,
    payment_id: UUID,
    amount_cents: int,
    asked: Asked,
) -> list[Refund]:
    """One refund per order touched, last order first. Raises Problem; then nothing is written."""
    rules.check_amount(amount_cents)
    rooms = _lock_payee(session, payment_id, asked.now)
    payment = lock_payment(session, payment_id, merchant_id=merchant_id)
    if payment.accepted_at is None:
        raise Problem("payment-not-accepted")
    by_id = {order.id: order for order in _orders(session, payment_id)}
    parts = [_part(session, order, rooms[order.programme_id]) for order in by_id.values()]
    chosen = rules.allocate_refund(amount_cents, parts)
    letters.tell_refunded(session, payment, amount_cents, asked.now)
    return [_sign_refund(session, by_id[order_id], cents, asked) for order_id, cents in chosen]


def refundable_cents(session: Session, payment: Payment) -> int:
    """What was paid less earlier refunds; the shop's balance may allow less."""
    if payment.accepted_at is None:
        return 0
    refunded = select(func.coalesce(func.sum(col(Refund.amount_cents)), 0)).where(
        col(Refund.payment_id) == payment.id
    )
    return payment.amount_cents - int(session.scalar(refunded) or 0)


def announce_refund(
    session: Session,
    refund: Refund,
    order: PaymentOrder,
    programme: Programme,
    now: datetime,
    *,
    promised: bool = False,
) -> None:
    """Hold at the payee and send: its order is settled, so the desk can execute it. `promised`:
    before it was, so nobody can be told any more that the payee has too little."""
    ledger.hold(
        session,
        address=refund.payee_address,
        programme_id=programme.id,
        amount_cents=refund.amount_cents,
        reason="refund",
        reference=refund.id,
        now=now,
        promised=promised,
    )
    payload = _payload(refund, order, programme)
    enqueue(session, kind="settle_refunds", key=refund.id.hex(), payload=payload, now=now)


def _payload(refund: Refund, order: PaymentOrder, programme: Programme) -> dict[str, Any]:
    return {
        "refund": {
            "order_id": order.id,
            "payee": refund.payee_address,
            "amount": refund.amount_cents,
            "nonce": refund.nonce,
        },
        "order": order_arguments(order, programme.chain_id),
        "payee_signature": refund.payee_signature,
        "acceptor_signature": refund.acceptor_signature,
    }


def _orders(session: Session, payment_id: UUID) -> Sequence[PaymentOrder]:
    return session.scalars(
        select(PaymentOrder)
        .where(col(PaymentOrder.payment_id) == payment_id)
        .order_by(col(PaymentOrder.position))
        .execution_options(populate_existing=True)
    ).all()


def _lock_payee(session: Session, payment_id: UUID, now: datetime) -> dict[UUID, int]:
    """Available by programme, locked, less what other contests may claim. Before the payment
    itself: see acceptance.py."""
    rows = session.execute(
        select(col(PaymentOrder.payee_address), Programme)
        .join(Programme, col(Programme.id) == col(PaymentOrder.programme_id))
        .where(col(PaymentOrder.payment_id) == payment_id)
    ).all()
    lock_balances(session, {(address, programme.chain_id) for address, programme in rows})
    return {
        programme.id: ledger.available(session, address, programme.id)
        - kept_back_cents(session, address, now, programme_id=programme.id, but=payment_id)
        for address, programme in rows
    }


def _part(session: Session, order: PaymentOrder, available_cents: int) -> PaidPart:
    earlier = select(func.coalesce(func.sum(col(Refund.amount_cents)), 0)).where(
        col(Refund.order_id) == order.id
    )
    remaining = order.amount_cents - int(session.scalar(earlier) or 0)
    settled = order.state is OrderState.SETTLED
    room = min(remaining, max(available_cents, 0)) if settled else remaining
    return PaidPart(order.id, order.position, remaining, room)


def _open_programme(session: Session, order: PaymentOrder, asked: Asked) -> Programme:
    """A shop gives back until the last day to spend; what two officers upheld goes back until the
    programme is closed, which waits for it."""
    programme = session.get_one(Programme, order.programme_id)
    upheld = asked.session_id is None
    over = programme.close_decided_at is not None or programme.state in ENDED
    if over if upheld else spending_over(programme, asked.now):
        raise Problem("refund-closed")
    return programme


def _sign_refund(
    session: Session,
    order: PaymentOrder,
    cents: int,
    asked: Asked,
) -> Refund:
    desk, programme = asked.desk, _open_programme(session, order, asked)
    struct = typed.Refund(order.id, order.payee_address, cents, secrets.token_bytes(32))
    domain = desk.of(order, programme.chain_id)
    digest, where = typed.refund_digest(domain, struct), domain.contract
    signature = desk.signer.sign_refund(struct, desk=where, session_id=asked.session_id)
    check_signed_by(digest, signature, order.payee_address)
    refund = Refund(
        id=digest,
        payment_id=order.payment_id,
        order_id=order.id,
        payee_address=order.payee_address,
        amount_cents=cents,
        nonce=struct.nonce,
        payee_signature=signature,
        acceptor_signature=desk.signer.countersign(digest, desk=where),
        state=OrderState.ACCEPTED,
        created_at=asked.now,
        created_by=asked.by,
    )
    session.add(refund)
    session.flush()
    if order.state is OrderState.SETTLED:
        announce_refund(session, refund, order, programme, asked.now)
    return refund
