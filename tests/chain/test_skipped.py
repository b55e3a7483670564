"""What the desk skips in a call that goes through was accepted from somebody: it stays held and on
its way, says why, stops nobody else, and is settled once when the reason is gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select, text
from sqlmodel import col

from app.backup.taking_over import Taking
from app.config import DatabaseRole
from app.db import Database
from app.identity.models import Person
from app.merchants.models import Merchant, OrderState, Payment, PaymentOrder
from app.outbox import operator
from app.outbox.models import ChainTransaction, OutboxItem, OutboxState
from app.outbox.operator import By
from app.outbox.refused_long import PATIENCE
from app.rewards.models import Hold, Programme
from app.rewards.money import ledger
from tests.support.batches_under_way import balances, open_incidents
from tests.support.chain_world import World
from tests.support.deeds_on_chain import call
from tests.support.paying_on_chain import CLOSED, OPEN, Paying, set_desk_right, set_state
from tests.support.shop import Shop
from workers.reconciling import check


@pytest.fixture(scope="module")
def paying(world: World, programme: Programme) -> Paying:
    return Paying(world, programme)


@pytest.fixture(scope="module")
def shop(paying: Paying) -> Merchant:
    return paying.shop()


@pytest.fixture
def rightless(world: World) -> Iterator[None]:
    """The desk may not move tokens, until the test gives it that right back."""
    set_desk_right(world, granted=False)
    yield
    set_desk_right(world, granted=True)
    world.settle()


def state(paying: Paying, order_id: bytes) -> tuple[OutboxState, OrderState]:
    return paying.row(order_id).state, paying.order(order_id).state


def contradictions(world: World) -> int:
    """After two rounds: what one finds and the next doesn't is none."""
    suspected: set[str] = set()
    with world.transaction() as (session, now):
        check(session, now, suspected)
        return check(session, now, suspected)


WAITS = (OutboxState.WAITING, OrderState.ACCEPTED)
HELD = (OutboxState.HELD, OrderState.ACCEPTED)
SETTLED = (OutboxState.FINAL, OrderState.SETTLED)


@pytest.mark.usefixtures("rightless")
def test_without_the_desk_s_right_orders_wait_and_settle_once_when_it_is_back(
    world: World, paying: Paying, shop: Merchant
) -> None:
    [(person, address), (other, _)] = paying.people(2)
    orders = [paying.pay(person, shop, 30), paying.pay(other, shop, 10)]
    for tried in range(1, PATIENCE + 2):
        paying.round()
        assert [state(paying, one) for one in orders] == [WAITS, WAITS]
        row = paying.row(orders[0])
        assert str(row.last_error).startswith("MoverUnauthorized(")
        assert row.not_before is not None, "it isn't sent with each block"
        assert row.attempts == tried
        assert ("outbox_waits" in open_incidents(world)) is (tried >= PATIENCE)
    assert balances(world, [address]) == {70}, "held"
    assert not contradictions(world)
    set_desk_right(world, granted=True)
    paying.round()
    assert [state(paying, one) for one in orders] == [SETTLED, SETTLED]
    assert [paying.executions(one) for one in orders] == [1, 1]
    assert "outbox_waits" not in open_incidents(world)


@pytest.mark.usefixtures("rightless")
def test_a_refund_waits_behind_its_order_and_by_itself(
    world: World, paying: Paying, shop: Merchant
) -> None:
    [(person, address)] = paying.people(1)
    order = paying.pay(person, shop, 40)
    paying.round()
    refund = paying.give_back(shop, order, 15)
    assert not queued(world, refund), "it has nothing to give back yet"
    set_desk_right(world, granted=True)
    paying.round()
    assert state(paying, order) == SETTLED
    set_desk_right(world, granted=False)
    paying.round()
    assert paying.row(refund).state is OutboxState.WAITING
    assert paying.refund(refund).state is OrderState.ACCEPTED
    assert not contradictions(world)
    set_desk_right(world, granted=True)
    paying.round()
    assert paying.refund(refund).state is OrderState.SETTLED
    assert (paying.executions(order), paying.executions(refund)) == (1, 1)
    assert balances(world, [address]) == {100 - 40 + 15}


def queued(world: World, promised: bytes) -> bool:
    with world.services.database.session() as session:
        query = select(OutboxItem).where(col(OutboxItem.key) == promised.hex())
        return session.scalars(query).first() is not None


def test_of_several_in_one_call_each_goes_its_own_way(
    world: World, paying: Paying, shop: Merchant
) -> None:
    shut, people = paying.shop(), paying.people(3)
    set_state(world, shut, CLOSED)
    poor, fine, later = people
    fault = promise_more(paying, shop, poor)
    waits, settles = paying.pay(fine[0], shut, 20), paying.pay(fine[0], shop, 30)
    sent = len(world.transactions())
    paying.round()
    assert len(world.transactions()) == sent + 1
    assert [state(paying, one) for one in (fault, waits, settles)] == [HELD, WAITS, SETTLED]
    assert str(paying.row(waits).last_error).startswith("PayeeNotReceiving(")
    assert "outbox_held" in open_incidents(world)
    assert contradictions(world) == 1, "more is held than the account has, and nothing else"
    behind = paying.pay(later[0], shop, 5)
    paying.round()
    assert [state(paying, one) for one in (waits, behind)] == [WAITS, SETTLED], "held up by nobody"

    set_state(world, shut, OPEN)
    paying.credit([poor])
    with world.transaction() as (session, now):
        operator.retry(session, paying.row(fault).id, By("ana", "credited"), now)
    paying.round()
    pay_again(paying, shut, later)
    everything = (fault, waits, settles, behind)
    assert {state(paying, one) for one in everything} == {SETTLED}
    assert {paying.executions(one) for one in everything} == {1}
    assert "outbox_held" not in open_incidents(world)


def pay_again(paying: Paying, shop: Merchant, who: tuple[Person, str]) -> None:
    """The shop that was opened again takes payments again."""
    order = paying.pay(who[0], shop, 5)
    paying.round()
    assert state(paying, order) == SETTLED


def promise_more(paying: Paying, shop: Merchant, who: tuple[Person, str]) -> bytes:
    """An order of 150 cents that our books let through and that the chain can't: it has 100."""
    person, address = who
    with paying.world.transaction() as (session, now):
        books = Shop(session, now, paying.keys)
        books.balance(address, paying.programme, 50)
    order = paying.pay(person, shop, 150)
    with paying.world.transaction() as (session, now):
        Shop(session, now, paying.keys).balance(address, paying.programme, -50)
    return order


def test_what_was_executed_and_is_sent_again_is_settled_and_not_executed_again(
    world: World, paying: Paying, shop: Merchant
) -> None:
    [(person, address)] = paying.people(1)
    order = paying.pay(person, shop, 25)
    paying.round()
    with world.transaction() as (session, _):
        session.get_one(OutboxItem, paying.row(order).id).state = OutboxState.WAITING
    paying.round()
    assert state(paying, order) == SETTLED
    assert paying.executions(order) == 1
    with world.services.database.session() as session:
        assert ledger.final_balance(session, address) == 75


def test_a_pause_stops_those_behind_too_and_says_until_when(
    world: World, paying: Paying, shop: Merchant
) -> None:
    [(person, _)] = paying.people(1)
    call(world, "pauser", "PaymentDesk", "pause", 2)
    world.mine()
    order = paying.pay(person, shop, 5)
    paying.round()
    assert state(paying, order) == WAITS
    assert paying.row(order).waits_until is not None
    behind = paying.pay(person, shop, 5)
    world.send()
    assert paying.row(behind).last_error is None, "refused as a whole: not tried one after another"
    call(world, "unpauser", "PaymentDesk", "unpause", 2)
    world.mine()
    paying.round()
    assert [state(paying, one) for one in (order, behind)] == [SETTLED, SETTLED]
    assert paying.row(order).waits_until is None


@pytest.mark.usefixtures("rightless")
def test_what_a_restored_database_forgot_and_the_desk_skipped_is_held_again(
    world: World, paying: Paying, shop: Merchant
) -> None:
    [(person, address)] = paying.people(1)
    order = paying.pay(person, shop, 60)
    paying.round()
    forget(world, paying.row(order))
    with world.transaction() as (session, now):
        taking = Taking(session, world.edge, now)
        taking.take_over()
        assert not taking.unmatched
    assert balances(world, [address]) == {40}, "held"
    paying.round()
    assert state(paying, order) == WAITS
    set_desk_right(world, granted=True)
    paying.round()
    assert state(paying, order) == SETTLED
    with world.services.database.session() as session:
        held = text("select count(*) from hold where ended_at is null")
        assert session.execute(held).scalar_one() == 0


def forget(world: World, row: OutboxItem) -> None:
    """As a backup from before it was accepted would: order, payment, hold, and what carried it."""
    url = world.services.settings.database_url(DatabaseRole.MIGRATOR)
    backup = Database(url, pool_size=1, name="backup")
    with backup.transaction() as session:
        order = session.get_one(PaymentOrder, bytes.fromhex(row.key))
        for gone in (
            delete(Hold).where(col(Hold.reference) == order.id),
            delete(PaymentOrder).where(col(PaymentOrder.id) == order.id),
            delete(Payment).where(col(Payment.id) == order.payment_id),
            delete(OutboxItem).where(col(OutboxItem.id) == row.id),
            delete(ChainTransaction).where(col(ChainTransaction.id) == row.transaction_id),
        ):
            session.execute(gone)
    backup.dispose()
