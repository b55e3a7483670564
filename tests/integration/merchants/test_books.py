"""Payments, refunds and pay-outs are each in exactly one place, and the books job says if not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.merchants import pay_outs, payments, refunds, settlement
from app.merchants.acceptance import accept_payment
from app.merchants.models import Merchant, PaymentOrder
from app.outbox.models import Incident
from app.rewards.models import Programme
from app.rewards.money import ledger
from tests.support.shop import Shop
from workers import reconciling

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CUT_OFF = NOW + timedelta(hours=1)
AFTER = NOW + timedelta(hours=2)


def found(session: Session) -> set[str]:
    """What two rounds in a row find."""
    session.flush()
    suspected = set[str]()
    for _ in range(2):
        reconciling.check(session, AFTER, suspected)
    query = select(col(Incident.reference)).where(
        col(Incident.code) == reconciling.CODE, col(Incident.acknowledged_at).is_(None)
    )
    return {str(reference) for reference in session.scalars(query)}


def sold(shop: Shop, merchant: Merchant, programme: Programme, *, settled: bool) -> PaymentOrder:
    """2.00, accepted."""
    session, payer = shop.session, shop.payer()
    shop.give(payer, programme, 500)
    payment = payments.request_payment(
        session,
        merchant_id=merchant.organisation_id,
        amount_cents=200,
        label=None,
        by=None,
        now=NOW,
    )
    accept_payment(session, payer=payer, payment_id=payment.id, desk=shop.desk, now=NOW)
    query = select(PaymentOrder).where(col(PaymentOrder.payment_id) == payment.id)
    order = session.scalars(query).one()
    if settled:
        _arrive(shop, order, programme)
    return order


def _arrive(shop: Shop, order: PaymentOrder, programme: Programme) -> None:
    shop.balance(order.payer_address, programme, -order.amount_cents)
    shop.balance(order.payee_address, programme, order.amount_cents)
    settlement.order_executed(shop.session, order.id, NOW)


def give_back(shop: Shop, merchant: Merchant, order: PaymentOrder) -> None:
    asked = refunds.Asked(shop.desk, uuid4(), uuid4(), NOW)
    refunds.refund_payment(
        shop.session,
        merchant_id=merchant.organisation_id,
        payment_id=order.payment_id,
        amount_cents=50,
        asked=asked,
    )


INTO = (
    "insert into outbox_item"
    " (id, kind, key, signer, payload, state, created_at, attempts, skipped)"
    " values (gen_random_uuid(), "
)
BROKEN = {
    "an accepted payment is on no way to the chain": (
        "update outbox_item set state = 'failed' where kind = 'settle_orders'"
    ),
    "an accepted refund is on no way to the chain": (
        "update outbox_item set state = 'failed' where kind = 'settle_refunds'"
    ),
    "a closed pay-out is on no way to the chain": (
        "update outbox_item set state = 'failed' where kind = 'pay_out'"
    ),
    "a payment is on its way that nobody accepted": (
        INTO + "'settle_orders', 'abcd', 'settler', '{}', 'waiting', now(), 0, false)"
    ),
    "a refund is on its way that nobody gave": (
        INTO + "'settle_refunds', 'abcd', 'settler', '{}', 'held', now(), 0, false)"
    ),
    "tokens are to be burned for no pay-out": (
        INTO + "'pay_out', 'abcd', 'burner', '{}', 'waiting', now(), 0, false)"
    ),
    "cells are on their way that nothing counts": (
        INTO + "'publish_cells', 'ab:1', 'minter', '{}', 'waiting', now(), 0, false)"
    ),
    "what is promised is not held": "update hold set ended_at = now() where reason = 'payment'",
    "what has arrived is still held": (
        "update hold set ended_at = null where reason = 'payment' and ended_at is not null"
    ),
    "another amount is held than was promised": (
        "update hold set amount_cents = amount_cents - 1 where ended_at is null"
    ),
    "more is held than an account has": (
        "update balance set final_cents = 0 where address in"
        " (select address from hold where ended_at is null)"
    ),
}


@pytest.fixture
def shop(db: Session) -> Shop:
    """One payment on its way, one that arrived and of which some is given back, one pay-out."""
    shop = Shop(db, NOW)
    programme = shop.programme()
    merchant = shop.merchant(programme)
    sold(shop, merchant, programme, settled=False)
    give_back(shop, merchant, sold(shop, merchant, programme, settled=True))
    other = shop.merchant(programme)
    sold(shop, other, programme, settled=True)
    closed = pay_outs.close_due_periods(db, period="2026-W47", cut_off=CUT_OFF, now=CUT_OFF)
    assert closed
    return shop


@pytest.mark.parametrize("question", BROKEN)
def test_what_contradicts_itself_is_told(db: Session, shop: Shop, question: str) -> None:
    assert shop.session is db
    assert not found(db)
    db.execute(text(BROKEN[question]))
    assert found(db) == {question}


@pytest.mark.parametrize("reason", ["payment", "refund", "pay_out"])
def test_each_hold_is_of_what_was_promised(db: Session, shop: Shop, reason: str) -> None:
    less = "update hold set amount_cents = amount_cents - 1 where reason = :reason"
    assert shop.session.execute(text(less), {"reason": reason})
    assert found(db) == {"another amount is held than was promised"}


def test_a_refund_before_its_payment_arrived_waits_for_that_and_is_no_contradiction(
    db: Session,
) -> None:
    shop = Shop(db, NOW)
    programme = shop.programme()
    merchant = shop.merchant(programme)
    order = sold(shop, merchant, programme, settled=False)
    give_back(shop, merchant, order)
    assert not found(db), "it is signed, and goes out once its payment has arrived"
    _arrive(shop, order, programme)
    assert not found(db)
    assert ledger.available(db, order.payee_address, programme.id) == 150
