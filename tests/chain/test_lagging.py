"""A node that answers and lags is named, and the jobs ask another, until it has caught up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.chain import watching
from app.chain.rpc.answers import Block
from app.chain.rpc.lagging import laggards
from app.outbox.models import Incident
from tests.support.chain_world import DEPTH, World
from tests.support.scripted_node import ScriptedNode, hang_up, scripted_node
from workers.context import Workshop

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
LAG = timedelta(seconds=15)


def block(number: int, age: int) -> Block:
    """The block of that number; `age` in seconds at noon."""
    return Block(number, bytes([number]), bytes(32), NOON - timedelta(seconds=age))


@pytest.mark.parametrize(
    ("heads", "found"),
    [
        ({"a": block(9, 1), "b": block(9, 1)}, set()),
        ({"a": block(9, 1), "b": block(8, 2)}, set()),
        ({"a": block(9, 1), "b": block(4, 60)}, {"b"}),
        ({"a": block(9, 600), "b": block(9, 600)}, set()),  # the whole chain stands still
        ({"a": block(9, 600), "b": block(4, 660)}, {"b"}),
        ({"a": block(200, -9_000), "b": block(9, 1)}, set()),  # a claim beside one in order
        ({"a": block(4, 60)}, set()),
        ({}, set()),
    ],
)
def test_who_lags(heads: dict[str, Block], found: set[str]) -> None:
    assert set(laggards(heads, NOON, LAG)) == found


@pytest.fixture
def nodes(world: World) -> Iterator[tuple[ScriptedNode, ScriptedNode]]:
    with scripted_node(world.node.url) as first, scripted_node(world.node.url) as second:
        yield first, second
        with world.transaction() as (session, now):
            for incident in session.scalars(select(Incident)):
                incident.acknowledged_at = now
            session.execute(text("delete from chain_node"))


@pytest.fixture
def workshop(world: World, nodes: tuple[ScriptedNode, ScriptedNode]) -> Workshop:
    urls = tuple(node.url for node in nodes)
    settings = replace(world.services.settings, chain_rpc_urls=urls, chain=world.edge.chain)
    return Workshop(replace(world.services, settings=settings), world.deployment, "test")


def look(world: World, workshop: Workshop) -> dict[str, str]:
    """Open incidents after a look, their details by code."""
    watching.run(world.edge, world.fence, workshop.watched(), timedelta(minutes=2))
    with world.services.database.session() as session:
        found = session.scalars(select(Incident).where(col(Incident.acknowledged_at).is_(None)))
        return {incident.code: incident.detail for incident in found}


def test_jobs_leave_a_node_that_lags_and_settle_by_another(
    world: World,
    nodes: tuple[ScriptedNode, ScriptedNode],
    workshop: Workshop,
) -> None:
    lagging, other = nodes
    used, label = workshop.edge("sender").client, next(iter(workshop.watched()))
    world.mine(DEPTH)
    world.index()
    assert used.head() == other_head(world, other)
    world.mine(3)
    lagging.lag, lagging.age = 3, 60
    assert used.head().number + 3 == other_head(world, other).number
    said = look(world, workshop)
    assert set(said) == {"node_behind"}
    assert label in said["node_behind"]
    assert "older than block" in said["node_behind"]
    assert workshop.edge("sender").client.head().number == used.head().number, "one look is none"
    look(world, workshop)
    assert workshop.edge("sender").client.head() == other_head(world, other)
    straight = world.edge
    world.edge = replace(straight, client=workshop.edge("sender").client)
    before = len(lagging.asked)
    world.programme()
    world.edge = straight
    assert len(lagging.asked) == before
    lagging.calm()
    assert look(world, workshop) == {}


def other_head(world: World, node: ScriptedNode) -> Block:
    return world.client_of(node.url).head()


def test_with_the_other_gone_the_one_that_lags_is_asked_and_nothing_stops(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode], workshop: Workshop
) -> None:
    lagging, other = nodes
    world.mine(3)
    world.index()
    lagging.lag, lagging.age = 3, 60
    look(world, workshop)
    with world.transaction() as (session, _):
        session.execute(text("update chain_node set low_since = low_since - interval '1h' "))
    other.when("", hang_up)
    assert set(look(world, workshop)) == {"node_behind", "node_unreachable"}
    assert workshop.edge("indexer").client.head().number > 0


def test_a_node_that_tells_another_chain_makes_nobody_a_laggard(
    world: World, nodes: tuple[ScriptedNode, ScriptedNode], workshop: Workshop
) -> None:
    """It would draw the jobs to itself: all is stopped instead."""
    honest, liar = nodes
    world.index()
    world.mine(DEPTH + 1)
    honest.lag, honest.age, liar.fork = 1, 60, 1
    said = look(world, workshop)
    assert "nodes_disagree" in said
    assert "node_behind" not in said
    look(world, workshop)
    asked = len(liar.asked)
    workshop.edge("confirmer").client.head()
    assert len(liar.asked) == asked
