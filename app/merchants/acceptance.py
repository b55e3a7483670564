"""Accepting a payment: all its orders or none, paid once whatever is repeated.

Order of locks, here and wherever chain events are written down: balance rows by address, then the
payment. The signer is called while they are held, since what is signed must be held in the same
instant (docs/adr/0001).
Callers commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.chain import typed
from app.identity.blocks import check_not_blocked
from app.identity.models import Role
from app.identity.roles import roles_of
from app.merchants import letters, rules
from app.merchants.by_mandate import check_mandate
from app.merchants.contestable import CONTEST_TIME
from app.merchants.models import OrderState, Payment, PaymentOrder, PaymentState
from app.merchants.payments import lock_payment, merchant_of, payment_of
from app.merchants.purses import purses_of
from app.merchants.rules import Purse
from app.merchants.signing import (
    ByCard,
    ByMandate,
    Desk,
    Payer,
    PlannedOrder,
    order_arguments,
    payer_signature,
    plan_order,
)
from app.outbox.service import enqueue
from app.rewards.money import ledger

_NO_SIGNATURES: Mapping[bytes, bytes] = {}


def accept_payment(
    session: Session,
    *,
    payer: Payer,
    payment_id: UUID,
    desk: Desk,
    now: datetime,
    signatures: Mapping[bytes, bytes] = _NO_SIGNATURES,
) -> Payment:
    """Hold, countersign, announce; the payer's own accepted payment is answered as it is.

    `signatures` by order id, of the orders on a device's accounts.
    """
    purses = _purses(session, payer, payment_id, now)
    payment = lock_payment(session, payment_id)
    rules.check_payer(payment.payer_id, payer.person_id)
    if payment.accepted_at is not None:
        return payment
    check_not_blocked(session, payer.person_id, now)
    _check_not_own_till(session, payment, payer.person_id, now)
    if isinstance(payer.right, ByMandate):
        _take_under(session, payment, payer.right, now)
    planned = _plan(session, payment, purses, desk.domain, now)
    signed = [(order, payer_signature(desk, order, payer, signatures)) for order in planned]
    payment.state, payment.payer_id = PaymentState.ACCEPTED, payer.person_id
    payment.accepted_at = now
    payment.contestable_until = now + CONTEST_TIME if _at_a_till(payer) else None
    for order, signature in signed:
        _hold(session, order, now)
        acceptance = desk.signer.countersign(order.id, desk=desk.domain.contract)
        _send(session, _row(payment, order, signature, acceptance), order, now)
    letters.tell_paid(session, payment, now)
    return payment


def _at_a_till(payer: Payer) -> bool:
    """By a card in somebody else's hand; a gift was an officer's to enter, and ends the account."""
    return isinstance(payer.right, ByCard) and not payer.right.at_counter


def _take_under(session: Session, payment: Payment, right: ByMandate, now: datetime) -> None:
    """Within the mandate, and at no till where the representative works either."""
    _check_not_own_till(session, payment, right.representative_id, now)
    check_mandate(session, right.mandate_id, payment.amount_cents, now)
    payment.mandate_id = right.mandate_id


def _purses(session: Session, payer: Payer, payment_id: UUID, now: datetime) -> Sequence[Purse]:
    """Locked. Not in their own session without those on a device, which alone moves them."""
    shop = payment_of(session, payment_id).merchant_id
    found = purses_of(session, person_id=payer.person_id, merchant_id=shop, now=now, lock=True)
    own_session = isinstance(payer.right, UUID)
    return [purse for purse in found if own_session or not purse.on_device]


def orders_to_sign(
    session: Session, *, payment_id: UUID, person_id: UUID, domain: typed.Domain, now: datetime
) -> list[PlannedOrder]:
    """What acceptance would sign as things stand; a device signs those on its own accounts."""
    payment = payment_of(session, payment_id)
    rules.check_payer(payment.payer_id, person_id)
    check_not_blocked(session, person_id, now)
    purses = purses_of(
        session, person_id=person_id, merchant_id=payment.merchant_id, now=now, lock=False
    )
    _check_not_own_till(session, payment, person_id, now)
    return _plan(session, payment, purses, domain, now)


def _check_not_own_till(session: Session, payment: Payment, person_id: UUID, now: datetime) -> None:
    tills = roles_of(session, person_id, now).get(Role.MERCHANT, frozenset())
    rules.check_not_own_till(payment.merchant_id, tills)


def _plan(
    session: Session,
    payment: Payment,
    purses: Sequence[Purse],
    domain: typed.Domain,
    now: datetime,
) -> list[PlannedOrder]:
    """The orders that would pay it now. Raises why it can't be paid."""
    rules.check_acceptable(rules.state_at(payment.state, payment.expires_at, now))
    merchant = merchant_of(session, payment.merchant_id)
    rules.check_payee_receives(merchant.state)
    parts = rules.split(payment.amount_cents, purses)
    return [
        plan_order(domain, payment=payment, position=position, payee=merchant.address, part=part)
        for position, part in enumerate(parts)
    ]


def _hold(session: Session, planned: PlannedOrder, now: datetime) -> None:
    purse = planned.part.purse
    ledger.hold(
        session,
        address=purse.address,
        programme_id=purse.programme_id,
        amount_cents=planned.part.amount_cents,
        reason="payment",
        reference=planned.id,
        now=now,
    )


def _row(
    payment: Payment, planned: PlannedOrder, signature: bytes, acceptance: bytes
) -> PaymentOrder:
    purse = planned.part.purse
    return PaymentOrder(
        id=planned.id,
        payment_id=payment.id,
        position=planned.position,
        programme_id=purse.programme_id,
        payer_address=purse.address,
        payee_address=planned.struct.payee,
        amount_cents=planned.part.amount_cents,
        requested_until=payment.expires_at,
        payer_signature=signature,
        acceptor_signature=acceptance,
        operator_signed=not purse.on_device,
        state=OrderState.ACCEPTED,
    )


def _send(session: Session, order: PaymentOrder, planned: PlannedOrder, now: datetime) -> None:
    session.add(order)
    enqueue(
        session,
        kind="settle_orders",
        key=order.id.hex(),
        payload={
            "order": order_arguments(order, planned.struct.programme_id),
            "payer_signature": order.payer_signature,
            "acceptor_signature": order.acceptor_signature,
        },
        now=now,
    )
