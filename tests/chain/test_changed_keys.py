"""A key that is changed before all that it signed is final: nothing stays behind with it."""

from __future__ import annotations

import pytest

from app.chain.sending import sender
from app.chain.sending.adopting import fill
from app.chain.typed import keccak
from app.outbox.models import OutboxState, TransactionState
from app.outbox.pauses import resume
from tests.support.batches_under_way import balances, batch_row, cut, hurry, paused_keys
from tests.support.chain_world import DEPTH, World
from tests.support.deeds_on_chain import set_minter
from tests.support.operating import Civis, told
from tests.support.scripted_node import ScriptedNode, refuse


def change_key(world: World) -> None:
    """The earlier one keeps its role, so what it signed can be carried out."""
    world.signer.keys["minter"] = keccak(world.signer.keys["minter"])
    set_minter(world, granted=True)
    world.mine()


def test_what_an_earlier_key_signed_goes_out_again(world: World) -> None:
    _, addresses = cut(world, world.programme())
    assert sender.prepare(world.edge, world.fence, "minter") is not None
    stored = world.transactions()[-1]
    change_key(world)
    _, others = cut(world, world.programme())
    world.send()
    assert world.transactions()[-1].state is TransactionState.BROADCAST
    world.settle()
    by_id = {row.id: row for row in world.transactions()}
    assert by_id[stored.id].state is TransactionState.FINAL
    assert by_id[stored.id].signer_address != world.transactions()[-1].signer_address
    assert balances(world, [*addresses, *others]) == {100}


@pytest.mark.parametrize("text", ["the moon is in the wrong house", "exceeds block gas limit"])
def test_an_earlier_key_s_bytes_that_no_node_takes_stop_nothing(
    world: World, node: ScriptedNode, text: str
) -> None:
    _, addresses = cut(world, world.programme())
    assert sender.prepare(world.edge, world.fence, "minter") is not None
    change_key(world)
    node.when("eth_sendRawTransaction", refuse(-32000, text), times=1)
    world.send()
    assert not paused_keys(world)
    assert not [row for row in world.transactions() if row.abandoned and row.signer == "minter"]
    world.settle()
    assert balances(world, addresses) == {100}


def test_what_a_stranger_took_of_an_earlier_key_goes_out_by_the_new_one(world: World) -> None:
    batch, addresses = cut(world, world.programme())
    prepared = sender.prepare(world.edge, world.fence, "minter")
    assert prepared is not None
    world.edge.client.send_raw(world.sign("minter", nonce=prepared.nonce, gas=21_000))
    world.mine(DEPTH + 2)
    change_key(world)
    world.confirm()
    assert paused_keys(world) == {"minter"}
    with world.transaction() as (session, _):
        today = world.signer.address_of("minter")
        done = fill(session, world.edge, "minter", today, "a test, by ana")
        resume(session, "minter")
    assert done.taken == (prepared.nonce,)
    assert batch_row(world, batch).state is OutboxState.WAITING
    hurry(world)
    world.settle()
    assert balances(world, addresses) == {100}
    assert not paused_keys(world)


def test_what_an_earlier_key_signed_is_said_to_be_its_own_to_fill(
    world: World, civis: Civis
) -> None:
    first, second = world.programme(), world.programme()
    batch, _ = cut(world, first)
    fresh = civis("explain", str(batch_row(world, batch).id)).stdout
    assert "No transaction has carried it yet." in fresh
    earlier = world.signer.address_of("minter")
    world.send()
    row = str(batch_row(world, batch).id)
    own = told(civis("explain", row, "--json"))["carried_by"]
    assert (own["address"], own["by_an_earlier_key"]) == (earlier, False)
    change_key(world)
    cut(world, second)
    world.send()
    theirs = told(civis("explain", row, "--json"))["carried_by"]
    assert theirs == own | {"by_an_earlier_key": True}
    assert "only that key can fill its nonce" in civis("explain", row).stdout
    world.settle()
    assert not told(civis("explain", row, "--json"))["carried_by"]["by_an_earlier_key"]
