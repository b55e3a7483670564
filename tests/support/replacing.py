"""A contract beside another on a test's chain: made, decided on by members, named in the record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from web3 import HTTPProvider, Web3

from app.chain.deploying.deciding import Step, take_step
from app.chain.deploying.decisions import Decision
from app.chain.deploying.generations import Generation
from app.chain.deploying.record import Deployment, read_record, write_record
from app.chain.deploying.replacing import (
    check_in_force,
    decision,
    make_beside,
    put_in_force,
)
from tests.support.chain_world import DEPTH, World
from workers.context import addresses_of

MEMBERS_STEPS = (
    ("member_1", Step.PROPOSE),
    ("member_2", Step.CONFIRM),
    ("member_3", Step.EXECUTE),
    ("member_3", Step.CARRY_OUT),
)


@contextmanager
def self_mining(world: World) -> Iterator[Web3]:
    """Blocks are made by themselves meanwhile."""
    world.node.rpc("evm_setAutomine", True)
    yield Web3(HTTPProvider(world.node.url))
    world.node.rpc("evm_setAutomine", False)


def make(world: World, name: str) -> tuple[Generation, Decision]:
    """It stands, without any right; what must be decided so that it gets them."""
    with self_mining(world) as web3:
        key = world.signer.keys["deployer"]
        made = make_beside(web3, world.deployment, name, key, 60)
        acceptors = [world.signer.address_of("acceptor")]
        return made, decision(web3, world.deployment, made, acceptors)


def decide(world: World, decided: Decision) -> None:
    """Two of three agree; the timelock's delay is none here. All of it is final afterwards."""
    with self_mining(world) as web3:
        taken = [
            take_step(web3, decided, world.signer.keys[member], 60) for member, _ in MEMBERS_STEPS
        ]
    assert taken == [step for _, step in MEMBERS_STEPS]
    world.mine(DEPTH)


def name_in_record(world: World, record: Path, made: Generation) -> None:
    """As `civis replace prepare` does, before anything is decided."""
    stands = read_record(record)
    _take_up(world, record, replace(stands, others=(*stands.others, made)))


def name_in_force(world: World, record: Path, made: Generation) -> None:
    """As `civis replace finish` does, with what it asks the chain."""
    stands, web3 = read_record(record), Web3(HTTPProvider(world.node.url))
    check_in_force(web3, stands, made, web3.eth.block_number - DEPTH)
    _take_up(world, record, put_in_force(stands, made))


def _take_up(world: World, record: Path, stands: Deployment) -> None:
    write_record(record, stands)
    take_up(world, record)


def take_up(world: World, record: Path) -> None:
    """What the jobs read of the record at their next round."""
    stands = world.deployment = read_record(record)
    world.edge = replace(world.edge, addresses=addresses_of(stands), others=stands.others)
