"""Asking for a payment, finding it, declining it; what runs out is expired at the very instant.

Callers commit. Nobody but the payer learns who pays: a shop sees a short code and a state.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import NotFound, Problem
from app.merchants import rules
from app.merchants.models import Merchant, Payment, PaymentState


def request_payment(
    session: Session,
    *,
    merchant_id: UUID,
    amount_cents: int,
    label: str | None,
    by: UUID | None,
    now: datetime,
) -> Payment:
    """A shop asks for an amount: whoever accepts within five minutes pays it."""
    merchant = merchant_of(session, merchant_id)
    rules.check_payee_receives(merchant.state)
    rules.check_amount(amount_cents)
    rules.check_label(label)
    return _add(session, merchant, amount_cents, now, label=label, by=by)


def start_payment(
    session: Session, *, till_number: str, amount_cents: int, payer_id: UUID, now: datetime
) -> Payment:
    """A citizen starts at a till's number; only they can accept it."""
    merchant = session.scalar(select(Merchant).where(col(Merchant.till_number) == till_number))
    if merchant is None:
        raise NotFound("till-unknown", field="till_number")
    rules.check_payee_receives(merchant.state)
    rules.check_amount(amount_cents)
    return _add(session, merchant, amount_cents, now, payer_id=payer_id)


def find_payment(session: Session, *, short_code: str, person_id: UUID, now: datetime) -> Payment:
    """The open request with this code, as typed by a citizen; separators and case don't matter."""
    code = "".join(letter for letter in short_code.upper() if letter.isalnum())
    payment = session.scalar(
        select(Payment).where(
            col(Payment.short_code) == code,
            col(Payment.state) == PaymentState.REQUESTED,
            col(Payment.expires_at) > now,
        )
    )
    if payment is None or payment.payer_id not in (None, person_id):
        raise NotFound("payment-unknown", field="short_code")
    return payment


def decline_by_payer(
    session: Session, *, payment_id: UUID, person_id: UUID, now: datetime
) -> Payment:
    """The citizen doesn't want it. Declining twice changes nothing."""
    payment = lock_payment(session, payment_id)
    rules.check_payer(payment.payer_id, person_id)
    return _decline(session, payment, "by-payer", now)


def cancel_by_merchant(
    session: Session, *, payment_id: UUID, merchant_id: UUID, now: datetime
) -> Payment:
    """The shop takes its request back. An accepted payment can only be refunded."""
    payment = lock_payment(session, payment_id, merchant_id=merchant_id)
    return _decline(session, payment, "by-merchant", now)


def _decline(session: Session, payment: Payment, reason: str, now: datetime) -> Payment:
    state = rules.state_at(payment.state, payment.expires_at, now)
    if state in (PaymentState.ACCEPTED, PaymentState.SETTLED):
        raise Problem("payment-accepted")
    if state is PaymentState.REQUESTED:
        payment.state, payment.reason_code = PaymentState.DECLINED, reason
    session.flush()
    return payment


def expire_payments(session: Session, now: datetime) -> int:
    """The sweep: writes down what the rule says anyway. Returns how many; skips locked rows."""
    overdue = (
        select(col(Payment.id))
        .where(
            col(Payment.state) == PaymentState.REQUESTED,
            col(Payment.expires_at) <= now,
        )
        .with_for_update(skip_locked=True)
    )
    expired = update(Payment).where(col(Payment.id).in_(overdue))
    answer = session.execute(expired.values(state=PaymentState.EXPIRED).returning(col(Payment.id)))
    return len(answer.all())


def payment_of(session: Session, payment_id: UUID) -> Payment:
    """The payment as it was last seen; only what never changes may be relied on."""
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise NotFound("payment-unknown")
    return payment


def lock_payment(session: Session, payment_id: UUID, *, merchant_id: UUID | None = None) -> Payment:
    """The payment, locked until the transaction ends; another shop's is unknown."""
    payment = session.scalar(
        select(Payment)
        .where(col(Payment.id) == payment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if payment is None or merchant_id not in (None, payment.merchant_id):
        raise NotFound("payment-unknown")
    return payment


def merchant_of(session: Session, merchant_id: UUID) -> Merchant:
    merchant = session.get(Merchant, merchant_id)
    if merchant is None:
        raise NotFound("merchant-unknown")
    return merchant


def _add(
    session: Session,
    merchant: Merchant,
    amount_cents: int,
    now: datetime,
    *,
    label: str | None = None,
    by: UUID | None = None,
    payer_id: UUID | None = None,
) -> Payment:
    payment = Payment(
        merchant_id=merchant.organisation_id,
        short_code=_free_code(session),
        amount_cents=amount_cents,
        label=label or None,
        state=PaymentState.REQUESTED,
        fee_basis_points=merchant.fee_basis_points,
        created_at=now,
        created_by=by,
        expires_at=now + rules.REQUEST_LIFE,
        payer_id=payer_id,
    )
    session.add(payment)
    session.flush()
    return payment


def _free_code(session: Session) -> str:
    """A code that no open request has: one of 887 million, so the loop ends at once."""
    while True:
        letters = (
            secrets.choice(rules.SHORT_CODE_ALPHABET) for _ in range(rules.SHORT_CODE_LENGTH)
        )
        code = "".join(letters)
        taken = select(col(Payment.id)).where(
            col(Payment.short_code) == code, col(Payment.state) == PaymentState.REQUESTED
        )
        if session.scalar(taken) is None:
            return code
