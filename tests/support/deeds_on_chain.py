"""What people with keys of their own do on the chain, past our books."""

from __future__ import annotations

from uuid import uuid4

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from app.chain.contracts.artifacts import load_roles
from app.chain.contracts.codec import encode_call
from tests.support.chain_world import World


def act(world: World, role: str, contract: str, data: bytes) -> None:
    """Into the next block."""
    nonce = world.edge.client.nonce(world.signer.address_of(role))
    to = str(world.deployment.address_of(contract))
    raw = world.sign(role, nonce=nonce, gas=1_000_000, to=to, data=data)
    world.edge.client.send_raw(raw)


def call(world: World, role: str, contract: str, function: str, *arguments: object) -> None:
    """Into the next block."""
    act(world, role, contract, encode_call(contract, function, list(arguments)))


def by_timelock(world: World, contract: str, function: str, *arguments: object) -> None:
    """As the city would: two members ask the timelock, whose delay is none here. Mined."""
    data, salt = encode_call(contract, function, list(arguments)), uuid4().bytes * 2
    what = [str(world.deployment.address_of(contract)), 0, data, bytes(32), salt]
    asked = encode_call("TimelockController", "schedule", [*what, 0])
    decision = [world.deployment.timelock, asked, salt]
    types = ["uint256", "address", "address", "bytes", "bytes32"]
    name = keccak(encode(types, [world.node.chain_id, world.deployment.quorum, *decision]))
    for role, step, values in (
        ("member_1", "propose", decision),
        ("member_2", "confirm", [name]),
        ("member_3", "execute", decision),
    ):
        call(world, role, "Quorum", step, *values)
        world.mine()
    call(world, "member_3", "TimelockController", "execute", *what)
    world.mine()


def set_minter(world: World, *, granted: bool) -> None:
    """Take the minter's role away, or give it back."""
    role, minter = load_roles().ids["MINTER"], world.signer.address_of("minter")
    if granted:
        by_timelock(world, "AccessManager", "grantRole", role, minter, 0)
    else:
        by_timelock(world, "AccessManager", "revokeRole", role, minter)
