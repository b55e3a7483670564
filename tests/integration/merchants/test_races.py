"""P1 and P2 under real concurrency: many connections, one payment, one balance."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import ColumnElement, func, select
from sqlmodel import SQLModel, col

from app.errors import Problem
from app.merchants import payments, refunds, settlement
from app.merchants.acceptance import accept_payment
from app.merchants.models import PaymentOrder, Refund
from app.merchants.signing import Payer
from app.rewards.models import Hold
from app.rewards.money import ledger
from app.services import Services
from tests.support.shop import Shop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
THREADS = 6


class Till:
    """A committed world: one payer, one shop; every call is a transaction of its own."""

    def __init__(self, services: Services, cents: int) -> None:
        self.services = services
        with services.database.transaction() as session:
            shop = Shop(session, NOW)
            self.keys, self.desk = shop.keys, shop.desk
            programme = shop.programme()
            self.programme_id = programme.id
            self.merchant = shop.merchant(programme)
            self.payer = shop.payer()
            self.address = shop.give(self.payer, programme, cents).address

    def ask(self, cents: int) -> UUID:
        with self.services.database.transaction() as session:
            return payments.request_payment(
                session,
                merchant_id=self.merchant.organisation_id,
                amount_cents=cents,
                label=None,
                by=None,
                now=NOW,
            ).id

    def accept(self, payment_id: UUID, payer: Payer | None = None) -> str:
        with self.services.database.transaction() as session:
            return accept_payment(
                session,
                payer=payer or self.payer,
                payment_id=payment_id,
                desk=self.desk,
                now=LATER,
            ).state.value

    def settle(self, payment_id: UUID) -> None:
        with self.services.database.transaction() as session:
            shop = Shop(session, NOW)
            query = select(PaymentOrder).where(col(PaymentOrder.payment_id) == payment_id)
            for order in session.scalars(query):
                programme = session.get_one(type(shop.programme()), order.programme_id)
                shop.balance(order.payer_address, programme, -order.amount_cents)
                shop.balance(order.payee_address, programme, order.amount_cents)
                settlement.order_executed(session, order.id, LATER)

    def refund(self, payment_id: UUID, cents: int) -> str:
        asked = refunds.Asked(self.desk, self.payer.person_id, None, LATER)
        with self.services.database.transaction() as session:
            refunds.refund_payment(
                session,
                merchant_id=self.merchant.organisation_id,
                payment_id=payment_id,
                amount_cents=cents,
                asked=asked,
            )
        return "refunded"


def at_once(calls: list[Callable[[], str]]) -> list[str]:
    """What came of each: its answer or the code of its refusal; anything else fails the test."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], str]) -> str:
        gate.wait(timeout=20)
        try:
            return call()
        except Problem as problem:
            return problem.code

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


@pytest.fixture(scope="module")
def till(services: Services) -> Callable[[int], Till]:
    return lambda cents: Till(services, cents)


def count(services: Services, table: type[SQLModel], *where: ColumnElement[bool]) -> int:
    with services.database.session() as session:
        query = select(func.count()).select_from(table).where(*where)
        return int(session.execute(query).scalar_one())


def test_racing_acceptances_of_one_payment_pay_once(
    till: Callable[[int], Till], services: Services
) -> None:
    world = till(1000)
    payment_id = world.ask(400)
    came = at_once([lambda: world.accept(payment_id)] * THREADS)
    assert came == ["accepted"] * THREADS
    assert count(services, PaymentOrder, col(PaymentOrder.payment_id) == payment_id) == 1
    assert count(services, Hold, col(Hold.address) == world.address) == 1
    assert len(world.keys.countersigned) == 1


def test_racing_payments_never_overdraw(till: Callable[[int], Till], services: Services) -> None:
    world = till(1000)
    ids = [world.ask(300) for _ in range(THREADS)]
    came = at_once([partial(world.accept, one) for one in ids])
    assert came == ["accepted"] * 3 + ["balance-too-low"] * (THREADS - 3)
    with services.database.session() as session:
        assert ledger.available(session, world.address) == 100


def test_two_payers_racing_for_one_payment_pay_once(
    till: Callable[[int], Till], services: Services
) -> None:
    world = till(1000)
    with services.database.transaction() as session:
        shop = Shop(session, NOW, world.keys)
        other = shop.payer()
        programme = session.get_one(type(shop.programme()), world.programme_id)
        shop.give(other, programme, 1000)
    payment_id = world.ask(400)
    came = at_once([partial(world.accept, payment_id, p) for p in (world.payer, other)])
    assert came == ["accepted", "payment-taken"]
    assert count(services, PaymentOrder, col(PaymentOrder.payment_id) == payment_id) == 1


@pytest.mark.parametrize("settled", [False, True])
def test_racing_refunds_give_back_no_more_than_was_paid(
    till: Callable[[int], Till], services: Services, *, settled: bool
) -> None:
    world = till(1000)
    payment_id = world.ask(1000)
    world.accept(payment_id)
    if settled:
        world.settle(payment_id)
    came = at_once([lambda: world.refund(payment_id, 300)] * THREADS)
    assert came.count("refunded") == 3
    assert set(came) <= {"refunded", "refund-too-large"}
    assert count(services, Refund, col(Refund.payment_id) == payment_id) == 3


def test_a_refund_racing_the_settlement_of_its_payment_is_held_once(
    till: Callable[[int], Till], services: Services
) -> None:
    world = till(1000)
    payment_id = world.ask(1000)
    world.accept(payment_id)

    def settle() -> str:
        world.settle(payment_id)
        return "settled"

    came = at_once([settle, lambda: world.refund(payment_id, 600)])
    assert came == ["refunded", "settled"]
    address = world.merchant.address
    assert count(services, Hold, col(Hold.address) == address, col(Hold.reason) == "refund") == 1
    with services.database.session() as session:
        assert ledger.available(session, address, world.programme_id) == 400
