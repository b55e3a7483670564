"""Answers that are lost, late or wrong while a batch is on its way: it settles, once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.chain.errors import NodeBusy, NodeUnreachable
from app.chain.indexing import indexer
from app.chain.indexing.reading import Span
from app.chain.models import ChainCursor
from app.chain.sending import sender
from app.outbox.models import Incident, OutboxState, TransactionState
from app.outbox.pauses import paused, resume
from app.reporting.telling import LISTENERS
from app.rewards.models import LedgerEntry, Programme
from app.rewards.money import ledger
from tests.support.chain_world import DEPTH, World
from tests.support.scripted_node import (
    Said,
    ScriptedNode,
    altered,
    answer,
    hang_up,
    lose_the_answer,
    refuse,
    scripted_node,
)

SEND = "eth_sendRawTransaction"


@pytest.fixture
def addresses(world: World, programme: Programme, node: ScriptedNode) -> Iterator[list[str]]:
    """Of three people with a batch that waits; afterwards each has 100 cents, once."""
    people = world.citizens(3)
    world.deeds(programme, people)
    assert world.cut(programme) is not None
    before = len(world.transactions())
    yield [address for _, address in people]
    node.calm()
    world.settle()
    with world.services.database.session() as session:
        assert [ledger.available(session, address) for _, address in people] == [100] * 3
        entries = select(func.count()).where(
            col(LedgerEntry.address).in_([address for _, address in people])
        )
        assert session.scalar(entries) == 3
        assert not session.scalars(
            select(Incident).where(col(Incident.acknowledged_at).is_(None))
        ).all()
    assert world.states() == {OutboxState.FINAL}
    assert len(world.transactions()) == before + 1, "never a second transaction for it"


@pytest.mark.usefixtures("addresses")
def test_it_was_accepted_and_nobody_heard_of_that(world: World, node: ScriptedNode) -> None:
    node.when(SEND, lose_the_answer, times=1)
    with pytest.raises(NodeUnreachable):
        world.send()
    stored = world.transactions()[-1]
    assert (stored.state, stored.broadcast_at) == (TransactionState.PREPARED, None)
    assert world.send() == 0
    taken = world.transactions()[-1]
    assert (taken.state, taken.hash) == (TransactionState.BROADCAST, stored.hash)
    assert taken.broadcast_at is not None
    assert node.count(SEND) == 1, "the node was asked whether it has it, and has"


@pytest.mark.usefixtures("addresses")
def test_the_node_never_heard_of_it(world: World, node: ScriptedNode) -> None:
    node.when(SEND, hang_up, times=1)
    with pytest.raises(NodeUnreachable):
        world.send()
    world.send()
    sent = {str(parameters) for method, parameters in node.asked if method == SEND}
    assert (node.count(SEND), len(sent)) == (2, 1), "the same bytes again"


@pytest.mark.usefixtures("addresses")
def test_a_full_pool_passes(world: World, node: ScriptedNode) -> None:
    node.when(SEND, refuse(-32000, "txpool is full"), times=2)
    for _ in range(2):
        with pytest.raises(NodeBusy):
            world.send()
    assert world.send() == 0
    assert world.transactions()[-1].state is TransactionState.BROADCAST


@pytest.mark.usefixtures("addresses")
def test_the_first_acceptance_is_what_is_noted(world: World) -> None:
    world.send()
    first = world.transactions()[-1]
    world.node.rpc("anvil_dropTransaction", "0x" + first.hash.hex())
    world.send()
    world.mine(2)
    world.confirm()
    mined = world.transactions()[-1]
    assert first.broadcast_at is not None
    assert mined.broadcast_at == first.broadcast_at
    assert mined.mined_at is not None
    assert mined.final_at is None
    assert first.signed_at <= first.broadcast_at <= mined.mined_at
    world.node.rpc("anvil_rollback", 2)
    world.send()
    again = world.transactions()[-1]
    assert (again.state, again.broadcast_at) == (TransactionState.BROADCAST, first.broadcast_at)


@pytest.mark.usefixtures("addresses")
def test_nonce_and_bytes_go_through_one_node(world: World, node: ScriptedNode) -> None:
    with scripted_node(world.node.url) as other:
        by_one = world.edge
        world.edge = replace(by_one, client=world.client_of(node.url, other.url))
        node.when(SEND, hang_up, times=1)
        with pytest.raises(NodeUnreachable):
            world.send()
        assert not other.asked
        world.send()
        assert other.count("eth_getTransactionCount") == other.count(SEND) == 1
        world.edge = by_one


@pytest.mark.usefixtures("addresses")
def test_a_receipt_that_comes_late_is_no_theft(world: World, node: ScriptedNode) -> None:
    node.when("eth_getTransactionReceipt", answer(None))
    world.send()
    world.mine(1)
    for _ in range(3):
        assert world.confirm() == 0
    with world.services.database.session() as session:
        assert not paused(session)


@pytest.mark.usefixtures("addresses")
def test_a_node_that_lags_hides_no_event(world: World, node: ScriptedNode) -> None:
    """What it doesn't have yet is read later, however empty its answers are meanwhile."""
    world.index()
    with world.services.database.session() as session:
        before = session.get_one(ChainCursor, "seen").number
    world.send()
    world.mine(DEPTH + 1)
    for lag, expected in ((DEPTH + 3, before), (DEPTH, before + 1), (1, before + DEPTH)):
        node.lag = lag
        assert world.index() == 0, "nothing of it is final for this node"
        with world.services.database.session() as session:
            assert session.get_one(ChainCursor, "seen").number == expected


def length(parameters: list[Any]) -> int:
    """Of the range of blocks whose logs are asked for; 0: of a single block, by its hash."""
    bounds = [parameters[0].get(name) for name in ("fromBlock", "toBlock")]
    return 0 if None in bounds else int(bounds[1], 16) - int(bounds[0], 16) + 1


def three_at_most(node: ScriptedNode, method: str, parameters: list[Any]) -> Said:
    refusal = refuse(-32005, "Requested range exceeds maximum RPC range limit")
    return (refusal if length(parameters) > 3 else ScriptedNode.real)(node, method, parameters)


def test_a_node_that_takes_short_ranges_is_read_to_the_end(
    world: World, node: ScriptedNode
) -> None:
    """They are halved where it refuses, and grow again where it doesn't."""
    span = Span(16, 16)
    node.when("eth_getLogs", three_at_most)
    for _ in range(2):
        world.mine(40)
        node.asked.clear()
        indexer.run(world.edge, world.fence, LISTENERS, span)
        with world.services.database.session() as session:
            seen = session.get_one(ChainCursor, "seen").number
        assert seen == world.edge.client.head().number
        ranges = [length(asked) for method, asked in node.asked if method == "eth_getLogs"]
        assert max(ranges) == 15, "sixteen blocks, the last one by its hash"
        node.calm()
    assert not open_incidents(world)


@pytest.mark.usefixtures("addresses")
def test_a_success_without_its_events_is_not_believed(world: World, node: ScriptedNode) -> None:
    bare = altered(lambda receipt: receipt and {**receipt, "logs": []})
    node.when("eth_getTransactionReceipt", bare)
    world.send()
    world.mine(DEPTH + 1)
    assert world.confirm() == 0
    assert world.transactions()[-1].state is TransactionState.MINED
    assert "receipt_without_event" in open_incidents(world)
    node.calm()
    assert world.confirm() == 1


@pytest.mark.usefixtures("addresses")
def test_a_text_that_nobody_knows_stops_the_key_until_somebody_looked(
    world: World, node: ScriptedNode
) -> None:
    node.when(SEND, refuse(-32000, "the moon is in the wrong house"))
    world.send()
    asked = node.count(SEND)
    world.send()
    assert node.count(SEND) == asked, "not tried again blindly"
    with world.services.database.session() as session:
        assert "wrong house" in paused(session)["minter"].reason
    assert "transaction_refused" in open_incidents(world)
    node.calm()
    with world.services.database.transaction() as session:
        assert resume(session, "minter")


@pytest.mark.usefixtures("addresses")
def test_a_key_that_the_network_does_not_let_send_goes_on_when_it_may(
    world: World, node: ScriptedNode
) -> None:
    node.when(SEND, refuse(-32007, "Sender account not authorized to send transactions"), times=2)
    for _ in range(2):
        world.send()
    assert "transaction_refused" in open_incidents(world)
    world.send()
    assert world.transactions()[-1].state is TransactionState.BROADCAST


def test_a_refusal_to_simulate_in_unknown_words_is_held(world: World, node: ScriptedNode) -> None:
    """Last here: a row that an operator must look at. No nonce was taken."""
    programme = world.programme()
    world.deeds(programme, world.citizens(1))
    world.cut(programme)
    before = len(world.transactions())
    node.when("eth_estimateGas", refuse(-32000, "the moon is in the wrong house"), times=1)
    assert sender.serve(world.edge, world.fence, "minter") is False
    assert len(world.transactions()) == before
    assert OutboxState.HELD in world.states()
    assert "outbox_held" in open_incidents(world)


def open_incidents(world: World) -> set[str]:
    with world.services.database.session() as session:
        query = select(col(Incident.code)).where(col(Incident.acknowledged_at).is_(None))
        return set(session.scalars(query))
