"""What a receipt says of each payment in a call, and what it doesn't."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.chain.contracts.codec import event_topic
from app.merchants.models import Merchant, OrderState
from app.outbox.models import OutboxItem, OutboxState
from app.rewards.models import Programme
from tests.support.batches_under_way import open_incidents
from tests.support.chain_world import DEPTH, World
from tests.support.deeds_on_chain import call
from tests.support.paying_on_chain import CLOSED, OPEN, Paying, set_state
from tests.support.scripted_node import ScriptedNode, altered

SKIPPED = event_topic("PaymentDesk", "OrderSkipped")
WITHOUT_REASON = "0x" + (32).to_bytes(32, "big").hex() + bytes(32).hex()


@pytest.fixture(scope="module")
def paying(world: World, programme: Programme) -> Paying:
    return Paying(world, programme)


@pytest.fixture(scope="module")
def shop(paying: Paying) -> Merchant:
    return paying.shop()


def test_of_two_in_a_call_one_without_its_event_is_not_believed(
    world: World, paying: Paying, shop: Merchant, node: ScriptedNode
) -> None:
    [(one, _), (other, _)] = paying.people(2)
    orders = [paying.pay(one, shop, 10), paying.pay(other, shop, 20)]
    name = "0x" + orders[1].hex()

    def lacking(receipt: Any) -> Any:
        return receipt and {
            **receipt, "logs": [log for log in receipt["logs"] if name not in log["topics"]]
        }  # fmt: skip

    node.when("eth_getTransactionReceipt", altered(lacking))
    world.send()
    world.mine(DEPTH + 1)
    world.confirm()
    assert {paying.row(one).state for one in orders} == {OutboxState.SENT}
    assert "receipt_without_event" in open_incidents(world)
    node.calm()
    paying.round()
    assert {paying.order(one).state for one in orders} == {OrderState.SETTLED}
    assert "receipt_without_event" not in open_incidents(world)


def test_what_the_desk_had_too_little_gas_for_goes_out_again(
    world: World, paying: Paying, node: ScriptedNode
) -> None:
    """The token's own failure has no data then."""
    shut, [(person, _)] = paying.shop(), paying.people(1)
    set_state(world, shut, CLOSED)
    order = paying.pay(person, shut, 10)

    def out_of_gas(receipt: Any) -> Any:
        return receipt and {
            **receipt,
            "logs": [
                {**log, "data": WITHOUT_REASON} if log["topics"][0] == SKIPPED else log
                for log in receipt["logs"]
            ],
        }

    node.when("eth_getTransactionReceipt", altered(out_of_gas))
    paying.round()
    row = paying.row(order)
    assert (row.state, row.last_error) == (OutboxState.WAITING, "GasRanOut()")
    node.calm()
    set_state(world, shut, OPEN)
    paying.round()
    assert paying.row(order).state is OutboxState.FINAL


def test_what_was_skipped_and_is_refused_as_a_whole_holds_back_those_behind_it(
    world: World, paying: Paying, shop: Merchant
) -> None:
    shut, [(person, _)] = paying.shop(), paying.people(1)
    set_state(world, shut, CLOSED)
    skipped = paying.pay(person, shut, 10)
    paying.round()
    call(world, "pauser", "PaymentDesk", "pause", 2)
    world.mine()
    paying.round()
    assert str(paying.row(skipped).last_error).startswith("PauseInForce(")
    behind = paying.pay(person, shop, 5)
    world.send()
    assert paying.row(behind).last_error is None, "not tried one after another"
    call(world, "unpauser", "PaymentDesk", "unpause", 2)
    set_state(world, shut, OPEN)
    world.mine()
    paying.round()
    with world.services.database.session() as session:
        query = select(col(OutboxItem.state)).where(col(OutboxItem.kind) == "settle_orders")
        assert set(session.scalars(query)) == {OutboxState.FINAL}
