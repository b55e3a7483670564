"""What is noticed about nodes: what stops everything, and what is an alarm that ends by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlmodel import col

from app.chain.errors import Halted
from app.outbox.models import ChainNode, ChainTransaction, Incident
from app.outbox.operator import By, acknowledge
from app.outbox.pauses import pause, resume
from app.services import Services
from tests.support.chain_world import DEPTH, World, chain_world
from tests.support.scripted_node import ScriptedNode, altered, answer, hang_up, scripted_node
from tests.support.watched import watch

WHO = By("ana", "looked at it")


@pytest.fixture(scope="module")
def world(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with chain_world(services, tmp_path_factory.mktemp("chain")) as made:
        made.programme()
        yield made


@pytest.fixture
def nodes(world: World) -> Iterator[tuple[ScriptedNode, ScriptedNode]]:
    with scripted_node(world.node.url) as first, scripted_node(world.node.url) as second:
        world.mine(DEPTH + 1)
        world.index()
        yield first, second
        for one in (first, second):
            one.calm()
        with world.transaction() as (session, now):
            for incident in session.scalars(select(Incident)):
                incident.acknowledged_at = now
            session.execute(text("delete from chain_node"))


def halted(world: World) -> bool:
    for job in (world.send, world.confirm, world.index):
        try:
            job()
        except Halted:
            continue
        return False
    return True


def held(world: World) -> tuple[int, ...]:
    """How much was read of the chain, and how far."""
    counted = text(
        "select (select count(*) from chain_log), (select count(*) from chain_block),"
        " (select min(number) from chain_cursor), (select max(number) from chain_cursor)"
    )
    with world.services.database.session() as session:
        return tuple(session.execute(counted).one())


def test_all_is_well(world: World, nodes: tuple[ScriptedNode, ScriptedNode]) -> None:
    assert watch(world, nodes) == set()
    with world.services.database.session() as session:
        rows = session.scalars(select(ChainNode).order_by(col(ChainNode.label))).all()
    head = world.edge.client.head().number
    assert [(row.label, row.head_number, row.trouble) for row in rows] == [
        ("node 0", head, None),
        ("node 1", head, None),
    ]


def test_two_nodes_that_disagree_stop_everything_and_a_person_lets_it_go_on(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    before = held(world)
    assert min(before) > 0
    nodes[1].fork = 1
    assert watch(world, nodes) == {"nodes_disagree"}
    assert halted(world)
    assert held(world) == before, "nothing is deleted"
    nodes[1].calm()
    assert watch(world, nodes) == {"nodes_disagree"}, "it doesn't pass by itself"
    with world.transaction() as (session, now):
        [incident] = session.scalars(
            select(Incident).where(col(Incident.acknowledged_at).is_(None))
        )
        acknowledge(session, incident.id, WHO, now)
    assert not halted(world)


def test_blocks_that_are_not_final_may_differ(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    nodes[1].fork = world.edge.client.head().number - DEPTH + 1
    assert watch(world, nodes) == set()


@pytest.mark.parametrize(("method", "value"), [("eth_chainId", "0x1")], ids=["chain id"])
def test_another_chain_stops_everything(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode], method: str, value: str
) -> None:
    nodes[0].when(method, answer(value))
    assert watch(world, nodes) == {"wrong_chain", "node_unreachable"}
    assert halted(world)


def test_another_genesis_stops_everything(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    other = altered(lambda block: {**block, "hash": "0x" + "ab" * 32})
    nodes[0].when("eth_getBlockByNumber", other)
    assert "wrong_chain" in watch(world, nodes)
    assert halted(world)


def test_one_node_that_lags_is_an_alarm_that_ends(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    nodes[1].lag = 2
    assert watch(world, nodes, low_for=0) == {"node_behind"}
    assert not halted(world)
    nodes[1].calm()
    assert watch(world, nodes, low_for=0) == set()


def test_heads_that_stay_low_stop_everything_and_a_short_dip_does_not(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    for node in nodes:
        node.lag = 2
    assert watch(world, nodes, low_for=600) == {"node_behind"}
    for node in nodes:
        node.calm()
    assert watch(world, nodes, low_for=600) == set()
    for node in nodes:
        node.lag = 2
    watch(world, nodes, low_for=600)
    with world.transaction() as (session, _):
        session.execute(
            update(ChainNode).values(low_since=col(ChainNode.low_since) - timedelta(minutes=11))
        )
    assert watch(world, nodes, low_for=600) == {"node_behind", "chain_went_back"}
    assert halted(world)


def test_a_node_that_is_gone_is_an_alarm_that_ends(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    nodes[0].when("", hang_up)
    assert watch(world, nodes) == {"node_unreachable"}
    assert not halted(world)
    nodes[0].calm()
    assert watch(world, nodes) == set()


def test_a_clock_ten_minutes_ahead_is_an_alarm_that_ends(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    ahead = altered(
        lambda block: block and {**block, "timestamp": hex(int(block["timestamp"], 16) + 600)}
    )
    watch(world, nodes)
    world.mine()
    nodes[0].when("eth_getBlockByNumber", ahead)
    assert watch(world, nodes) == {"clocks_differ"}
    nodes[0].calm()
    world.mine()
    assert watch(world, nodes) == set()


def test_what_is_never_mined_is_an_alarm_with_its_nonce(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    programme = world.programme()
    world.deeds(programme, world.citizens(1))
    world.cut(programme)
    world.send()
    assert watch(world, nodes) == set()
    with world.transaction() as (session, _):
        session.execute(text("update chain_transaction set signed_at = signed_at - interval '1h'"))
    assert watch(world, nodes) == {"transaction_unmined"}
    with world.services.database.session() as session:
        found = session.scalars(select(Incident).order_by(col(Incident.id).desc())).first()
    assert found is not None
    assert (found.reference, "commit_batch" in found.detail) == ("minter", True)
    world.settle()
    assert watch(world, nodes) == set()


def test_a_key_that_is_paused_and_forgotten_is_an_alarm_that_ends(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    programme = world.programme()
    world.deeds(programme, world.citizens(1))
    with world.transaction() as (session, now):
        pause(session, "minter", reason="by ana: the key moves tonight", now=now)
    world.cut(programme)
    assert watch(world, nodes) == set()
    an_hour_ago = text("update outbox_item set created_at = created_at - interval '1h'")
    sent_before = text("update chain_transaction set signed_at = signed_at - interval '1h'")
    with world.transaction() as (session, now):
        session.execute(an_hour_ago)
        session.execute(update(ChainTransaction).values(signed_at=now))
    assert watch(world, nodes) == set()  # another of its batches went out a moment ago
    with world.transaction() as (session, _):
        session.execute(sent_before)
    assert watch(world, nodes) == {"key_idle"}
    with world.transaction() as (session, _):
        found = session.scalars(select(Incident).order_by(col(Incident.id).desc())).first()
        assert found is not None
        assert found.detail.startswith("1 due, nothing sent since ")
        assert found.detail.endswith("paused by ana: the key moves tonight")
        resume(session, "minter")
    world.settle()
    assert watch(world, nodes) == set()


def test_what_is_mined_and_never_final_is_an_alarm_that_ends(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    programme = world.programme()
    world.deeds(programme, world.citizens(1))
    world.cut(programme)
    world.send()
    world.mine()
    world.confirm()
    assert watch(world, nodes) == set()
    with world.transaction() as (session, _):
        session.execute(text("update chain_transaction set mined_at = mined_at - interval '1h'"))
    assert watch(world, nodes) == {"transaction_not_final"}
    world.settle()
    assert watch(world, nodes) == set()


def test_a_chain_that_stands_still_is_an_alarm_that_ends(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode]
) -> None:
    watch(world, nodes)
    with world.transaction() as (session, _):
        session.execute(text("update chain_node set advanced_at = advanced_at - interval '1h'"))
    assert watch(world, nodes) == {"chain_stands_still"}
    assert not halted(world), "whatever comes later settles by itself"
    world.mine()
    assert watch(world, nodes) == set()
