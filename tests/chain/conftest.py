"""A chain of its own for each module that asks for one, and a double before its node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.rewards.models import Programme
from app.services import Services
from tests.support.chain_world import World, chain_world
from tests.support.public_side import PublicSide, public_side
from tests.support.scripted_node import ScriptedNode, scripted_node


@pytest.fixture(scope="module")
def world(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with chain_world(services, tmp_path_factory.mktemp("chain")) as made:
        yield made


@pytest.fixture(scope="module")
def side(world: World) -> Iterator[PublicSide]:
    """What the public gets to see of it."""
    with public_side(world) as made:
        yield made


@pytest.fixture(scope="module")
def programme(world: World) -> Programme:
    return world.programme()


@pytest.fixture
def node(world: World) -> Iterator[ScriptedNode]:
    """What the jobs talk to from now on."""
    straight = world.edge
    with scripted_node(world.node.url) as double:
        world.edge = replace(straight, client=world.client_of(double.url))
        yield double
    world.edge = straight
