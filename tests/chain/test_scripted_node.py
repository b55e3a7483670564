"""The node that fails on cue answers as a node does, as long as nothing else is in its script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.chain.contracts.codec import decode_answer, encode_call
from app.chain.errors import AlreadyKnown, NonceUsed, Reverted, WrongChain
from app.chain.rpc.client import ChainClient
from app.services import Services
from tests.support.chain_world import World, chain_world
from tests.support.scripted_node import ScriptedNode, scripted_node


@pytest.fixture(scope="module")
def world(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with chain_world(services, tmp_path_factory.mktemp("chain")) as made:
        made.programme()
        yield made


@pytest.fixture(scope="module")
def double(world: World) -> Iterator[ScriptedNode]:
    with scripted_node(world.node.url) as node:
        yield node


@pytest.fixture(params=["anvil", "scripted"])
def client(request: pytest.FixtureRequest, world: World, double: ScriptedNode) -> ChainClient:
    return world.client_of({"anvil": world.node.url, "scripted": double.url}[request.param])


def test_blocks_and_logs(client: ChainClient, world: World) -> None:
    head = client.head()
    assert (head, client.block(head.number)) == (world.edge.client.head(),) * 2
    assert head.gas_limit is not None
    assert head.gas_limit > 1_000_000
    assert client.block(head.number + 1) is None
    logs = client.logs(world.edge.first_block, head.number, list(world.edge.addresses.values()))
    assert logs
    assert logs == world.edge.client.logs(
        world.edge.first_block, head.number, list(world.edge.addresses.values())
    )


def test_transactions_and_receipts(client: ChainClient, world: World) -> None:
    sent = world.transactions()[-1]
    found = client.receipt(sent.hash)
    assert found is not None
    assert (found.block_hash, found.succeeded) == (sent.block_hash, True)
    assert found.logs
    assert client.knows(sent.hash)
    assert not client.knows(bytes(32))
    assert client.receipt(bytes(32)) is None
    assert client.nonce(sent.signer_address) == sent.nonce + 1
    assert client.nonce(sent.signer_address, (sent.block_number or 0) - 1) == sent.nonce


def test_sending(client: ChainClient, world: World) -> None:
    sent = world.transactions()[-1]
    with pytest.raises((NonceUsed, AlreadyKnown)):
        client.send_raw(sent.raw)
    raw = world.sign("pauser", nonce=0, gas=21_000)
    client.send_raw(raw)
    with pytest.raises(AlreadyKnown):
        client.send_raw(raw)
    world.node.rpc("anvil_dropAllTransactions")


def test_reading_and_reverts(client: ChainClient, world: World) -> None:
    registry = world.edge.addresses["ActionRegistry"]
    answer = client.read(registry, encode_call("ActionRegistry", "batchCount", []))
    assert decode_answer("ActionRegistry", "batchCount", answer) == 0
    cancel = encode_call("ActionRegistry", "cancelBatch", [bytes(32)])
    stranger = world.signer.address_of("pauser")
    for ask in (
        lambda: client.read(registry, cancel, sender=stranger),
        lambda: client.estimate(registry, cancel, stranger),
    ):
        with pytest.raises(Reverted, match="AccessManagedUnauthorized"):
            ask()
    assert client.estimate(registry, cancel, world.signer.address_of("minter")) > 21_000


def test_another_chain_is_refused(client: ChainClient, world: World) -> None:
    other = ChainClient(client.urls, chain_id=world.node.chain_id, genesis_hash=bytes(32))
    with pytest.raises(WrongChain):
        other.head()
    other = ChainClient(client.urls, chain_id=1, genesis_hash=client.genesis_hash)
    with pytest.raises(WrongChain):
        other.head()
