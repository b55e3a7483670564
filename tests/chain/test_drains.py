"""A long queue drains with the blocks, and nothing in it has to be tried twice."""

from __future__ import annotations

import os
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.chain.sending import sender
from app.outbox.models import OutboxItem, OutboxState, TransactionState
from app.outbox.queue import RowsTaken
from tests.support.batches_under_way import balances
from tests.support.chain_world import DEPTH, World
from tests.support.queues import (
    Queue,
    blocks_made,
    hold,
    last_nonce,
    let_go,
    sent_since,
    tries,
)
from tests.support.scripted_node import Said, ScriptedNode, refuse

LONG = 600.0  # seconds; what is asked for is progress


def queue(world: World, people: int) -> Queue:
    return Queue(world, world.programme(), world.citizens(people))


def test_each_block_takes_one_and_none_stays_behind(world: World) -> None:
    """`N=1000` for more."""
    number = int(os.environ.get("N", "6"))
    waiting = queue(world, 2)
    waiting.cut(number)
    before = last_nonce(world)
    with blocks_made(world, None):
        assert sender.drain(world.edge, world.fence, LONG) == number
    world.mine(DEPTH + 1)
    assert world.confirm() == number
    rows = sent_since(world, before)
    assert [row.state for row in rows] == [TransactionState.FINAL] * number
    blocks = [row.block_number or 0 for row in rows]
    assert blocks == list(range(blocks[0], blocks[0] + number)), "no block without one"
    assert set(tries(world)) == {1}
    world.settle()
    assert balances(world, [address for _, address in waiting.people]) == {number}


def test_without_a_block_it_waits_no_longer_than_it_may(world: World) -> None:
    waiting = queue(world, 1)
    waiting.cut(2)
    assert sender.drain(world.edge, world.fence, 0.2) == 1
    assert sender.drain(world.edge, world.fence, 0.2) == 0, "the first is not mined"
    world.settle()


def test_who_pauses_the_key_stops_it_at_the_next_round(world: World, node: ScriptedNode) -> None:
    waiting = queue(world, 1)
    waiting.cut(3)

    def pause_meanwhile(double: ScriptedNode, method: str, parameters: list[Any]) -> Said:
        hold(world)
        return double.real(method, parameters)

    node.when("eth_sendRawTransaction", pause_meanwhile, times=1)
    with blocks_made(world, None):
        assert sender.drain(world.edge, world.fence, LONG) == 1
        let_go(world)
        assert sender.drain(world.edge, world.fence, LONG) == 2
    world.settle()


def test_the_next_nonce_comes_from_the_rows_and_no_node_is_asked(
    world: World, node: ScriptedNode
) -> None:
    queue(world, 1).cut(1)
    before = last_nonce(world)
    node.when("eth_getTransactionCount", refuse(-32000, "the moon is in the wrong house"))
    prepared = sender.prepare(world.edge, world.fence, "minter")
    assert prepared is not None
    assert prepared.nonce == before + 1
    node.calm()
    world.settle()


def test_a_row_that_somebody_else_holds_is_left_to_them(world: World) -> None:
    queue(world, 1).cut(1)
    before = len(world.transactions())
    with world.services.database.session() as other:
        waiting = select(OutboxItem).where(col(OutboxItem.state) == OutboxState.WAITING)
        other.scalars(waiting.with_for_update()).one()
        with pytest.raises(RowsTaken):
            sender.prepare(world.edge, world.fence, "minter")
    assert len(world.transactions()) == before, "nothing was signed"
    world.settle()
