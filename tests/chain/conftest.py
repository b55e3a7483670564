"""A chain of its own for each module that asks for one, and a double before its node."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from app.rewards.models import Programme
from app.services import Services
from tests.integration.test_outbox_command import run_with
from tests.support.chain_world import DEPTH, World, chain_world
from tests.support.operating import Civis
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


@pytest.fixture
def civis(world: World, tmp_path: Path) -> Civis:
    """The command, as an operator has it on the server."""
    kept = tmp_path / "deployment.json"
    kept.write_text(json.dumps(asdict(world.deployment)))

    def run(*words: str, url: str = world.node.url) -> CompletedProcess[str]:
        chain = {"CHAIN_RPC_URLS": url, "CHAIN_DEPLOYMENT": str(kept)}
        depth = {"CHAIN_FINALITY_DEPTH": str(DEPTH)}
        return run_with(world.services, {**chain, **depth}, *words)

    return run
