"""What is ours and seems a stranger's, since a node knows the nonce before the receipt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.chain.sending.adopting import fill
from app.outbox.models import ChainTransaction, OutboxItem, OutboxState, TransactionState
from app.rewards.models import Batch, BatchState
from tests.support.batches_under_way import balances, batch_row, cut, open_incidents
from tests.support.chain_world import DEPTH, World
from tests.support.scripted_node import ScriptedNode, answer


def test_ours_is_not_taken_for_a_stranger_s_where_blocks_are_final_at_once(
    world: World, node: ScriptedNode
) -> None:
    programme, straight = world.programme(), world.edge
    world.edge = replace(straight, chain=replace(straight.chain, finality_depth=0))
    batch, addresses = cut(world, programme)
    world.send()
    world.mine()
    stored = world.transactions()[-1]
    node.when("eth_getTransactionReceipt", answer(None))
    with world.transaction() as (session, _):
        done = fill(session, world.edge, "minter", stored.signer_address, "a test, by ana")
    assert (done.strangers, done.taken) == ((), ())
    assert batch_row(world, batch).state is OutboxState.SENT
    node.calm()
    world.settle()
    assert world.transactions()[-1].state is TransactionState.FINAL
    assert balances(world, addresses) == {100}
    world.edge = straight


def test_what_is_final_meanwhile_is_not_taken_from_us(world: World, node: ScriptedNode) -> None:
    """The confirmer and an operator at once: their nodes differ."""
    straight = replace(world.edge, client=world.client_of(world.node.url))
    batch, addresses = cut(world, world.programme())
    world.edge, doubled = straight, world.edge
    world.send()
    world.mine(2 * DEPTH)
    stored = world.transactions()[-1]

    def meanwhile(_node: ScriptedNode, _method: str, _parameters: list[Any]) -> dict[str, Any]:
        world.confirm()
        return {"result": None}

    node.when("eth_getTransactionReceipt", meanwhile)
    with world.transaction() as (session, _):
        done = fill(session, doubled, "minter", stored.signer_address, "a test, by ana")
    assert done.taken == ()
    assert world.transactions()[-1].state is TransactionState.FINAL
    assert batch_row(world, batch).state is OutboxState.FINAL
    world.settle()
    assert balances(world, addresses) == {100}


def test_what_an_operator_decided_meanwhile_stays_so(world: World, node: ScriptedNode) -> None:
    """As `fill` does, between the receipt and what the confirmer writes of it."""
    batch, addresses = cut(world, world.programme())
    world.send()
    world.mine(DEPTH + 1)
    stored = world.transactions()[-1]

    def meanwhile(double: ScriptedNode, method: str, parameters: list[Any]) -> dict[str, Any]:
        with world.transaction() as (session, _):
            session.get_one(ChainTransaction, stored.id).state = TransactionState.REPLACED
            session.get_one(OutboxItem, batch_row(world, batch).id).state = OutboxState.WAITING
        return double.real(method, parameters)

    node.when("eth_getBlockByNumber", meanwhile)
    world.confirm()
    assert world.transactions()[-1].state is TransactionState.REPLACED
    node.calm()
    world.index()
    world.settle()
    assert batch_row(world, batch).state is OutboxState.FINAL
    assert balances(world, addresses) == {100}


def test_a_batch_that_was_credited_and_waits_is_done_and_stops_no_programme(world: World) -> None:
    """Such as one that was taken for refused."""
    programmes = [world.programme() for _ in range(2)]
    batch, addresses = cut(world, programmes[0])
    world.settle()
    sent = len(world.transactions())
    other, others = cut(world, programmes[1])
    with world.transaction() as (session, _):
        session.get_one(OutboxItem, batch_row(world, batch).id).state = OutboxState.WAITING
    for _ in range(2):
        world.send()
    assert batch_row(world, batch).state is OutboxState.FINAL
    assert batch_row(world, other).state is OutboxState.SENT
    assert len(world.transactions()) == sent + 1, "nothing was sent for the first"
    world.settle()
    assert balances(world, [*addresses, *others]) == {100}


def test_a_batch_that_our_books_gave_up_and_that_waits_is_held(world: World) -> None:
    batch, _ = cut(world, world.programme())
    with world.transaction() as (session, _now):
        session.get_one(Batch, batch.id).state = BatchState.CANCELLED
    world.send()
    held = batch_row(world, batch)
    assert held.state is OutboxState.HELD
    assert held.last_error == "BatchUsed(because=in our books it is cancelled)"
    assert "outbox_held" in open_incidents(world)
