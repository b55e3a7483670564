"""Of several nodes each is watched by itself, and any two of them are held against each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.chain import watching
from app.outbox.models import Incident
from tests.support.batches_under_way import open_incidents
from tests.support.chain_world import DEPTH, World
from tests.support.scripted_node import Act, ScriptedNode, altered, http, refuse, scripted_node

Three = tuple[ScriptedNode, ScriptedNode, ScriptedNode]


@pytest.fixture
def nodes(world: World) -> Iterator[Three]:
    url = world.node.url
    with scripted_node(url) as one, scripted_node(url) as two, scripted_node(url) as three:
        world.mine(60)
        yield one, two, three
    with world.transaction() as (session, now):
        for incident in session.scalars(select(Incident)):
            incident.acknowledged_at = now
        session.execute(text("delete from chain_node"))


def watch(world: World, nodes: Three) -> tuple[int, set[str]]:
    """How many answered, and the incidents that are open after a look."""
    clients = {f"node {number}": world.client_of(one.url) for number, one in enumerate(nodes)}
    answered = watching.run(world.edge, world.fence, clients, timedelta(minutes=10))
    return answered, open_incidents(world)


@pytest.mark.parametrize("above", [40, 1], ids=["forty blocks behind", "nearly empty"])
@pytest.mark.parametrize("low", [0, 1, 2])
def test_one_that_is_low_hides_no_fork_between_the_others(
    world: World, nodes: Three, low: int, above: int
) -> None:
    head = world.edge.client.head().number
    forked = nodes[(low + 1) % 3]
    nodes[low].lag = above if above > 1 else head - above
    forked.fork = head - 20
    world.index()
    answered, incidents = watch(world, nodes)
    assert answered == 3
    assert "nodes_disagree" in incidents


def test_a_fork_above_what_was_read_is_seen(world: World, nodes: Three) -> None:
    """The indexer stands, and the confirmer goes by the nodes."""
    head = world.edge.client.head().number
    world.index()
    world.mine(20)
    nodes[2].fork = head + 5
    assert watch(world, nodes)[1] == {"nodes_disagree"}


def test_what_is_final_for_one_of_two_alone_may_differ(world: World, nodes: Three) -> None:
    head = world.edge.client.head().number
    nodes[0].lag, nodes[1].fork = 2, head - DEPTH + 1
    assert watch(world, nodes)[1] == set()


FAILING: dict[str, Act] = {
    "a proxy's error": http(502, b'{"error": "bad gateway"}'),
    "a text that no row holds": refuse(-32000, "syncing \0 and \ud800"),
    "a number that no row holds": altered(lambda block: {**block, "number": hex(2**63)}),
    "a time that no clock shows": altered(lambda block: {**block, "timestamp": hex(2**62)}),
    "nothing but brackets": http(200, b"[" * 100_000),
}


@pytest.mark.parametrize("act", FAILING.values(), ids=FAILING.keys())
def test_whatever_one_says_the_others_are_watched(world: World, nodes: Three, act: Act) -> None:
    nodes[0].when("eth_getBlockByNumber", act)
    nodes[2].fork = 1
    answered, incidents = watch(world, nodes)
    assert answered == 2
    assert incidents >= {"node_unreachable", "nodes_disagree"}
