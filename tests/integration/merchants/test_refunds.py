"""Giving back: backwards over the parts, bounded twice, and never before its payment arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.chain.contracts.events import At, RefundExecuted
from app.errors import Problem
from app.merchants import payments, queries, refunds, settlement
from app.merchants.acceptance import accept_payment
from app.merchants.models import Merchant, OrderState, Payment, PaymentOrder, PaymentState, Refund
from app.merchants.signing import Payer
from app.outbox.models import OutboxItem
from app.rewards.models import Hold, Programme
from app.rewards.money import ledger
from tests.support.shop import DOMAIN, Shop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@dataclass
class Paid:
    """7.00 paid at one shop: 3.00 of the first programme, 4.00 of the second."""

    shop: Shop
    merchant: Merchant
    payer: Payer
    programmes: list[Programme]
    payment: Payment

    def orders(self) -> list[PaymentOrder]:
        query = select(PaymentOrder).where(col(PaymentOrder.payment_id) == self.payment.id)
        return list(self.shop.session.scalars(query.order_by(col(PaymentOrder.position))))

    def refund(self, cents: int) -> list[Refund]:
        asked = refunds.Asked(self.shop.desk, uuid4(), uuid4(), LATER)
        return refunds.refund_payment(
            self.shop.session,
            merchant_id=self.merchant.organisation_id,
            payment_id=self.payment.id,
            amount_cents=cents,
            asked=asked,
        )

    def settle(self, *orders: PaymentOrder) -> None:
        for order in orders:
            programme = self.shop.session.get_one(Programme, order.programme_id)
            self.shop.balance(order.payer_address, programme, -order.amount_cents)
            self.shop.balance(order.payee_address, programme, order.amount_cents)
            settlement.order_executed(self.shop.session, order.id, LATER)

    def available(self, number: int) -> int:
        programme = self.programmes[number]
        return ledger.available(self.shop.session, self.merchant.address, programme.id)


@pytest.fixture
def paid(db: Session) -> Paid:
    shop = Shop(db, NOW)
    first = shop.programme(last_day=NOW.date() + timedelta(days=3))
    second = shop.programme()
    merchant, payer = shop.merchant(first, second), shop.payer()
    shop.give(payer, first, 300)
    shop.give(payer, second, 900)
    payment = payments.request_payment(
        db,
        merchant_id=merchant.organisation_id,
        amount_cents=700,
        label=None,
        by=None,
        now=NOW,
    )
    accept_payment(db, payer=payer, payment_id=payment.id, desk=shop.desk, now=NOW)
    return Paid(shop, merchant, payer, [first, second], payment)


def announced(session: Session) -> int:
    query = select(func.count()).select_from(OutboxItem)
    return session.scalar(query.where(col(OutboxItem.kind) == "settle_refunds")) or 0


def test_settlement_ends_the_holds_and_settles_with_the_last_order(paid: Paid) -> None:
    first, second = paid.orders()
    states = []
    for order in (first, second):
        paid.settle(order)
        states.append(paid.payment.state)
    assert states == [PaymentState.ACCEPTED, PaymentState.SETTLED]
    open_holds = select(func.count()).select_from(Hold).where(col(Hold.ended_at).is_(None))
    assert paid.shop.session.scalar(open_holds) == 0
    assert (paid.available(0), paid.available(1)) == (300, 400)


def test_a_refund_takes_the_last_part_first(paid: Paid) -> None:
    first, second = paid.orders()
    made = paid.refund(500)
    assert [(r.order_id, r.amount_cents) for r in made] == [(second.id, 400), (first.id, 100)]
    struct = typed.Refund(first.id, paid.merchant.address, 100, made[1].nonce)
    assert typed.refund_digest(DOMAIN, struct) == made[1].id
    assert typed.recover(made[1].id, made[1].payee_signature) == paid.merchant.address


def test_a_refund_waits_for_its_payment_and_takes_nothing_before(paid: Paid) -> None:
    paid.refund(450)
    assert announced(paid.shop.session) == 0
    assert (paid.available(0), paid.available(1)) == (0, 0)
    paid.settle(*paid.orders())
    assert announced(paid.shop.session) == 2
    assert (paid.available(0), paid.available(1)) == (250, 0)


def test_refunds_of_a_settled_payment_are_held_at_once(paid: Paid) -> None:
    paid.settle(*paid.orders())
    (refund,) = paid.refund(150)
    assert announced(paid.shop.session) == 1
    assert paid.available(1) == 250
    at = At(1, b"", LATER, 0, b"", "")
    said = refund.id, refund.order_id, b"", refund.payee_address, "", refund.amount_cents
    for _ in range(2):
        settlement.refund_executed(paid.shop.session, RefundExecuted(at, *said))
    assert refund.state is OrderState.SETTLED
    assert paid.available(1) == 400  # the ledger takes the 1.50, not the hold


def test_what_was_settled_is_told_twice_and_counted_once(paid: Paid) -> None:
    paid.refund(450)
    first, second = paid.orders()
    paid.settle(first, second)
    settlement.order_executed(paid.shop.session, first.id, LATER)
    assert announced(paid.shop.session) == 2


@pytest.mark.parametrize("cents", [701, 100_000_000])
def test_no_more_than_was_paid(paid: Paid, cents: int) -> None:
    with pytest.raises(Problem, match="refund-too-large"):
        paid.refund(cents)
    paid.refund(700)
    with pytest.raises(Problem, match="refund-too-large"):
        paid.refund(1)


def test_no_more_than_the_shop_still_has(paid: Paid) -> None:
    paid.settle(*paid.orders())
    paid.shop.balance(paid.merchant.address, paid.programmes[1], -350)  # paid out meanwhile
    with pytest.raises(Problem, match="payee-balance-too-low") as caught:
        paid.refund(100)
    assert caught.value.values["refundable_cents"] == 50
    assert announced(paid.shop.session) == 0
    paid.refund(50)


def test_a_shop_gives_back_until_the_last_day_to_spend(paid: Paid) -> None:
    """What two officers upheld comes back until the closing is decided."""
    ended = paid.programmes[1]
    ended.last_day_to_spend = ended.last_day_to_earn = (NOW - timedelta(days=1)).date()
    paid.refund(100)  # nobody has announced that end
    ended.end_announced_at = NOW - timedelta(days=60)
    with pytest.raises(Problem, match="refund-closed"):
        paid.refund(100)
    upheld = {"merchant_id": paid.merchant.organisation_id, "payment_id": paid.payment.id}
    asked = refunds.Asked(paid.shop.desk, uuid4(), None, LATER)
    (made,) = refunds.refund_payment(paid.shop.session, amount_cents=100, asked=asked, **upheld)
    assert made.amount_cents == 100
    ended.close_decided_at = NOW
    with pytest.raises(Problem, match="refund-closed"):
        refunds.refund_payment(paid.shop.session, amount_cents=100, asked=asked, **upheld)


def test_another_shop_refunds_nothing(paid: Paid) -> None:
    paid.merchant = paid.shop.merchant(*paid.programmes)
    with pytest.raises(Problem, match="payment-unknown"):
        paid.refund(100)


def test_both_sides_see_what_was_given_back(paid: Paid) -> None:
    paid.refund(500)
    (mine,) = queries.payments_of_person(
        paid.shop.session, person_id=paid.payer.person_id, now=LATER
    )
    (theirs,) = queries.last_payments(
        paid.shop.session, merchant_id=paid.merchant.organisation_id, now=LATER
    )
    assert mine == theirs
    assert (mine.refunded_cents, mine.refundable_cents) == (500, 200)


def test_what_was_given_back_before_is_held_whatever_else_is_promised(paid: Paid) -> None:
    """The indexer must not stand: books that promise more than there is are named elsewhere."""
    paid.refund(700)
    [first, _] = paid.orders()
    paid.shop.balance(first.payee_address, paid.programmes[0], 100)
    session = paid.shop.session
    too_much = Hold(
        address=first.payee_address, programme_id=first.programme_id, amount_cents=200,
        reason="pay_out", reference=b"p" * 32, created_at=NOW,
    )  # fmt: skip
    session.add(too_much)
    session.flush()
    paid.settle(first)
    query = select(col(Hold.amount_cents)).where(
        col(Hold.reason) == "refund", col(Hold.ended_at).is_(None)
    )
    assert session.scalars(query).all() == [300]
    assert paid.available(0) == 100 + 300 - 200 - 300
