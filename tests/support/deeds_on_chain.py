"""What people with keys of their own do on the chain, past our books."""

from __future__ import annotations

from app.chain.artifacts import load_roles
from app.chain.codec import encode_call
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
    """As the city would; its delay is none here. Mined."""
    data = encode_call(contract, function, list(arguments))
    what = [str(world.deployment.address_of(contract)), 0, data, bytes(32), bytes(32)]
    call(world, "proposer", "TimelockController", "schedule", *what, 0)
    world.mine()
    call(world, "proposer", "TimelockController", "execute", *what)
    world.mine()


def set_minter(world: World, *, granted: bool) -> None:
    """Take the minter's role away, or give it back."""
    role, minter = load_roles().ids["MINTER"], world.signer.address_of("minter")
    if granted:
        by_timelock(world, "AccessManager", "grantRole", role, minter, 0)
    else:
        by_timelock(world, "AccessManager", "revokeRole", role, minter)
