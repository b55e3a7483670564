"""A node that leaves logs out, invents some, or answers what nobody asked: nothing of it is stored,
it is named, another is asked meanwhile, and once it says the truth all goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.chain.errors import NodeBehind, NodeContradicts, RangeTooLarge
from app.chain.indexing import indexer, reading
from app.chain.indexing.indexer import known_tokens
from app.chain.indexing.reading import Reading, Span, read_blocks
from app.chain.models import ChainBlock, ChainCursor, ChainLog
from app.outbox.models import Incident
from app.reporting.telling import LISTENERS
from tests.support.chain_world import DEPTH, World
from tests.support.scripted_node import Act, Said, ScriptedNode, altered, answer, refuse

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def span(world: World) -> tuple[int, int]:
    """Blocks in which a batch of three was credited, and empty ones around it."""
    programme = world.programme()
    world.deeds(programme, world.citizens(3))
    assert world.cut(programme)
    world.settle()
    with world.services.database.session() as session:
        query = select(func.max(ChainLog.block_number)).where(
            col(ChainLog.event) == "BatchCommitted"
        )
        block = session.execute(query).scalar_one()
    return block - 2, block + 1


def read(world: World, blocks: tuple[int, int]) -> Reading:
    with world.services.database.session() as session:
        tokens = known_tokens(session)
    places = list(world.edge.addresses.values())
    return read_blocks(world.edge.client, *blocks, addresses=places, tokens=tokens)


def old_range(node: ScriptedNode, method: str, parameters: list[Any]) -> Said:
    """What was asked a while ago: some cache in between."""
    wanted = dict(parameters[0])
    if "fromBlock" in wanted:
        shift = {"fromBlock": "0x0", "toBlock": hex(int(wanted["fromBlock"], 16) - 1)}
        return node.real(method, [wanted | shift])
    return node.real(method, parameters)


def _in(number: Callable[[dict[str, Any]], dict[str, Any]]) -> Act:
    """Of rows, the last one changed."""
    return altered(lambda rows: [*rows[:-1], number(rows[-1])] if rows else rows)


def _emptied(receipts: Rows) -> Rows:
    return [{**one, "logs": []} for one in receipts]


NOTHING = "0x" + "00" * 256
LIES: dict[str, list[tuple[str, Act]]] = {
    "all left out": [("eth_getLogs", answer([]))],
    "one left out": [("eth_getLogs", altered(lambda rows: rows[:-1]))],
    "one invented": [
        (
            "eth_getLogs",
            altered(lambda rows: [*rows, *({**r, "logIndex": "0xfff"} for r in rows[:1])]),
        )
    ],
    "one said twice": [("eth_getLogs", altered(lambda rows: rows + rows[:1]))],
    "an old range": [("eth_getLogs", old_range)],
    "another amount": [("eth_getLogs", _in(lambda row: {**row, "data": "0x" + "77" * 32}))],
    "another block": [("eth_getLogs", _in(lambda row: {**row, "blockHash": "0x" + "ab" * 32}))],
    "another contract": [("eth_getLogs", _in(lambda row: {**row, "address": "0x" + "12" * 20}))],
    "receipts without": [("eth_getBlockReceipts", altered(_emptied))],
    "both without": [
        ("eth_getLogs", answer([])),
        ("eth_getBlockReceipts", altered(_emptied)),
    ],
    "no receipts at all": [("eth_getLogs", answer([])), ("eth_getBlockReceipts", answer([]))],
    "a header without": [
        (
            "eth_getBlockByNumber",
            altered(lambda b: b and {**b, "logsBloom": NOTHING}),
        )
    ],
    "another parent": [
        ("eth_getBlockByNumber", altered(lambda b: b and {**b, "parentHash": "0x" + "cd" * 32}))
    ],
    "another number": [("eth_getBlockByNumber", altered(lambda b: b and {**b, "number": "0x1"}))],
}


@pytest.mark.parametrize("lies", LIES.values(), ids=LIES.keys())
def test_whatever_it_says_untruly_is_found(
    world: World, node: ScriptedNode, span: tuple[int, int], lies: list[tuple[str, Act]]
) -> None:
    true = read(world, span)
    assert len(true.logs) == 4, "three credits and their batch"
    for method, act in lies:
        node.when(method, act)
    with pytest.raises(NodeContradicts):
        read(world, span)
    node.calm()
    assert read(world, span) == true


def test_a_chain_that_changes_meanwhile_is_no_lie(
    world: World, node: ScriptedNode, span: tuple[int, int]
) -> None:
    def changing(asked: ScriptedNode, method: str, parameters: list[Any]) -> Said:
        said = asked.real(method, parameters)
        if asked.count("eth_getLogs"):
            said["result"]["hash"] = "0x" + "ef" * 32
        return said

    node.when("eth_getLogs", altered(lambda rows: rows[:-1]))
    node.when("eth_getBlockByNumber", changing)
    with pytest.raises(NodeBehind):
        read(world, span)


@pytest.mark.parametrize("one_by_one", [False, True])
def test_a_node_that_lacks_the_newer_ways_is_asked_in_the_older(
    world: World, node: ScriptedNode, span: tuple[int, int], one_by_one: bool
) -> None:
    true = read(world, span)
    node.together = 1 if one_by_one else 1000
    node.when("eth_getBlockReceipts", refuse(-32601, "Method not found"))
    assert read(world, span) == true
    assert node.count("eth_getTransactionReceipt")


def test_headers_without_a_filter_are_made_up_for_by_receipts(
    world: World, node: ScriptedNode, span: tuple[int, int]
) -> None:
    bare = altered(lambda b: b and {k: v for k, v in b.items() if k != "logsBloom"})
    node.when("eth_getBlockByNumber", bare)
    assert len(read(world, span).logs) == 4
    node.when("eth_getLogs", answer([]))
    with pytest.raises(NodeContradicts):
        read(world, span)


def test_blocks_full_of_logs_end_a_reading(
    world: World, span: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So what is in memory at once doesn't grow with the range that a node allows."""
    whole = read(world, span)
    monkeypatch.setattr(reading, "GAS_AT_ONCE", 0)
    part = read(world, (span[0] + 1, span[1]))
    assert part.blocks == whole.blocks[1:2], "what is empty goes with what comes before"
    first = read(world, (span[0] + 2, span[1]))
    assert (len(first.blocks), len(first.logs)) == (2, 4), "one block with logs is always read"


def stored(world: World) -> tuple[int, int, int]:
    with world.services.database.session() as session:
        counted = [
            session.execute(select(func.count()).select_from(kind)).scalar_one()
            for kind in (ChainBlock, ChainLog)
        ]
        return (counted[0], counted[1], session.get_one(ChainCursor, "seen").number)


def incidents(world: World) -> dict[str, str]:
    """Open ones: detail by code."""
    with world.services.database.session() as session:
        query = select(Incident).where(col(Incident.acknowledged_at).is_(None))
        return {one.code: one.detail for one in session.scalars(query)}


@pytest.mark.parametrize(
    ("act", "code", "error"),
    [
        (answer([]), "node_contradicts", NodeContradicts),
        (refuse(-32005, "query returned more than 0 results"), "node_refuses_logs", RangeTooLarge),
    ],
    ids=["untrue", "refused"],
)
def test_nothing_is_stored_the_node_is_named_and_all_goes_on_afterwards(
    world: World, node: ScriptedNode, act: Act, code: str, error: type[Exception]
) -> None:
    programme = world.programme()
    world.deeds(programme, world.citizens(1))
    world.cut(programme)
    world.send()
    world.mine(2)
    before = stored(world)
    node.when("eth_getLogs", act)
    for _ in range(2):
        with pytest.raises(error):
            indexer.run(world.edge, world.fence, LISTENERS, Span.up_to(1000))
    assert stored(world) == before
    assert node.url.removeprefix("http://") in incidents(world)[code]
    node.calm()
    world.settle()
    assert not incidents(world)
    assert stored(world)[2] > before[2]


def test_a_block_on_top_of_another_than_the_node_shows_is_no_reorganisation(
    world: World, node: ScriptedNode
) -> None:
    world.index()
    world.mine()
    head = world.edge.client.head().number
    foreign = {"parentHash": "0x" + "cd" * 32}
    change = altered(lambda b: b | foreign if b and int(b["number"], 16) == head else b)
    node.when("eth_getBlockByNumber", change)
    before = stored(world)
    with pytest.raises(NodeContradicts):
        world.index()
    assert stored(world) == before
    node.calm()
    world.index()
    assert stored(world)[2] == head


@pytest.mark.usefixtures("span")
def test_what_is_final_is_kept_with_its_logs_only(world: World) -> None:
    world.mine(DEPTH + 5)
    world.index()
    with world.services.database.session() as session:
        final = session.get_one(ChainCursor, "final")
        bare = select(ChainBlock).where(
            col(ChainBlock.number) <= final.number,
            col(ChainBlock.hash).not_in(select(col(ChainLog.block_hash))),
        )
        assert [block.hash for block in session.scalars(bare)] == [final.hash]
        above = select(col(ChainBlock.number)).where(col(ChainBlock.number) > final.number)
        seen = session.get_one(ChainCursor, "seen").number
        assert sorted(session.scalars(above)) == list(range(final.number + 1, seen + 1))
