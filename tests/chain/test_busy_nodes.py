"""A node that answers most questions and refuses some for now: the next round asks another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.chain.errors import NodeBehind, NodeBusy, NodeUnreachable
from app.outbox.models import TransactionState
from tests.support.batches_under_way import balances, cut, open_incidents
from tests.support.chain_world import World
from tests.support.scripted_node import (
    Act,
    ScriptedNode,
    hang_up,
    lose_the_answer,
    refuse,
    scripted_node,
)

SEND = "eth_sendRawTransaction"
GONE = refuse(-32000, "missing trie node 1b5a (path ) state 0x12 is not available")
NO_POOL = refuse(-32000, "Transaction pool not enabled")
Two = tuple[ScriptedNode, ScriptedNode]


@pytest.fixture
def nodes(world: World) -> Iterator[Two]:
    """Both in use, a minute between any two looks at the clock, so that no rest outlasts a round;
    afterwards three people have 100 cents, once."""
    seconds = iter(range(0, 10**9, 60))
    straight = world.edge
    _, addresses = cut(world, world.programme())
    before = len(world.transactions())
    with scripted_node(world.node.url) as first, scripted_node(world.node.url) as second:
        client = world.client_of(first.url, second.url, monotonic=lambda: next(seconds))
        world.edge = replace(straight, client=client)
        yield first, second
        world.edge = straight
    world.settle()
    assert balances(world, addresses) == {100}
    assert len(world.transactions()) == before + 1, "never a second nonce for it"
    assert not open_incidents(world)


def test_where_it_cannot_be_tried_it_is_tried_through_another(world: World, nodes: Two) -> None:
    first, second = nodes
    first.when("eth_estimateGas", GONE)
    with pytest.raises(NodeBehind):
        world.send()
    assert not second.asked, "nonce and bytes go through one"
    assert world.send() == 1
    assert second.count(SEND) == 1
    world.mine()
    world.send()
    assert first.count("eth_estimateGas") == 1, "it isn't gone back to while the other answers"


def test_bytes_that_it_does_not_take_go_to_another(world: World, nodes: Two) -> None:
    first, second = nodes
    first.when(SEND, NO_POOL)
    with pytest.raises(NodeBusy):
        world.send()
    world.send()
    assert world.transactions()[-1].state is TransactionState.BROADCAST
    assert (first.count(SEND), second.count(SEND)) == (1, 1)


@pytest.mark.parametrize("act", [lose_the_answer, hang_up], ids=["taken", "never heard of"])
def test_after_a_time_out_another_is_asked_and_gets_the_same_bytes(
    world: World, nodes: Two, act: Act
) -> None:
    first, second = nodes
    first.when(SEND, act)
    with pytest.raises(NodeUnreachable):
        world.send()
    world.send()
    assert second.count("eth_getTransactionByHash") == 1
    assert second.count(SEND) == (act is hang_up), "both stand before one chain and its pool"
    sent = {str(asked) for node in nodes for method, asked in node.asked if method == SEND}
    assert len(sent) == 1


def test_receipts_and_logs_are_read_from_another(world: World, nodes: Two) -> None:
    first, second = nodes
    world.send()
    world.mine(5)
    first.when("eth_getTransactionReceipt", GONE)
    with pytest.raises(NodeBehind):
        world.confirm()
    assert world.confirm() == 1
    assert second.count("eth_getTransactionReceipt") == 1
