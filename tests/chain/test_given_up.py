"""Transactions that can't or must not be mined any more: nothing is lost, nothing done twice,
nothing stands still for ever."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from app.actions.models import ActionState
from app.chain.sending import sender
from app.chain.sending.adopting import Filled, fill
from app.outbox import operator
from app.outbox.models import ChainTransaction, OutboxItem, OutboxState, TransactionState
from app.outbox.operator import By
from app.outbox.pauses import resume
from app.outbox.service import enqueue
from app.rewards.models import Batch, BatchState
from tests.support.batches_under_way import (
    balances,
    batch_row,
    cut,
    hurry,
    open_incidents,
    paused_keys,
    states,
)
from tests.support.chain_world import DEPTH, World
from tests.support.scripted_node import Act, Said, ScriptedNode, altered, refuse

SEND = "eth_sendRawTransaction"
WHO = By("ana", "looked at it")


def test_what_no_block_holds_is_filled_and_cut_anew(world: World, node: ScriptedNode) -> None:
    """The blocks became smaller after the batch was tried and before it was sent."""
    programme = world.programme()
    batch, addresses = cut(world, programme)
    node.when(SEND, refuse(-32005, "Transaction gas limit exceeds block gas limit"), times=1)
    world.send()
    [given_up] = [row for row in world.transactions() if row.abandoned]
    world.send()
    filled = world.transactions()[-1]
    assert (filled.id, filled.nonce) == (given_up.id, given_up.nonce)
    assert filled.filler_hash is not None
    world.mine(DEPTH + 1)
    world.confirm()
    assert world.transactions()[-1].state is TransactionState.REPLACED
    assert states(world, programme) == {ActionState.BATCHED}, "its id isn't barred for good yet"
    assert world.cut(programme) is None
    world.settle()
    with world.services.database.session() as session:
        assert session.get_one(Batch, batch.id).state is BatchState.CANCELLED
    for _ in range(2):
        world.cut(programme)
        world.settle()
    assert balances(world, addresses) == {100}
    assert "transaction_refused" not in open_incidents(world)


def test_a_filled_nonce_whose_first_bytes_were_mined_after_all(
    world: World, node: ScriptedNode
) -> None:
    programme = world.programme()
    _, addresses = cut(world, programme)
    world.send()
    stored = world.transactions()[-1]
    with world.transaction() as (session, _):
        row = session.get_one(ChainTransaction, stored.id)
        row.abandoned = "by mistake"
    node.when(SEND, refuse(-32000, "replacement transaction underpriced"))
    world.send()
    assert world.transactions()[-1].filler_hash is not None
    assert not paused_keys(world)
    node.calm()
    world.settle()
    assert world.transactions()[-1].state is TransactionState.FINAL
    assert balances(world, addresses) == {100}


def test_blocks_that_hold_less_take_a_part_of_a_group(world: World, node: ScriptedNode) -> None:
    """Each row is tried with the limit of the newest block before anything is signed."""
    programme = world.programme()
    batch, _ = cut(world, programme, people=30)
    small = altered(lambda block: {**block, "gasLimit": hex(300_000)})
    node.when("eth_getBlockByNumber", small)
    before = len(world.transactions())
    assert sender.serve(world.edge, world.fence, "minter") is False
    assert len(world.transactions()) == before, "no nonce was taken"
    assert batch_row(world, batch).state is OutboxState.FAILED
    node.calm()
    world.settle()
    while world.cut(programme):
        world.settle()
    assert states(world, programme) <= {ActionState.SETTLED, ActionState.AUTHENTICATED}


def test_after_a_stranger_used_our_key_it_can_go_on(world: World) -> None:
    """Ours was sent, and another transaction has its nonce for good."""
    programme = world.programme()
    batch, addresses = cut(world, programme)
    prepared = sender.prepare(world.edge, world.fence, "minter")
    assert prepared is not None
    for nonce in (prepared.nonce, prepared.nonce + 1):
        world.edge.client.send_raw(world.sign("minter", nonce=nonce, gas=21_000))
    world.mine(DEPTH + 2)
    world.send()
    world.confirm()
    assert paused_keys(world) == {"minter"}
    assert "key_used_elsewhere" in open_incidents(world)
    assert world.send() == 0
    with world.transaction() as (session, _):
        done = fill(session, world.edge, "minter", prepared.signer_address, "a test, by ana")
    assert done == Filled((prepared.nonce + 1,), (prepared.nonce,), (), None)
    with world.transaction() as (session, _):
        resume(session, "minter")
    assert batch_row(world, batch).state is OutboxState.WAITING
    hurry(world)
    world.settle()
    assert balances(world, addresses) == {100}


def test_an_operator_fills_what_no_node_takes(world: World, node: ScriptedNode) -> None:
    programme = world.programme()
    batch, addresses = cut(world, programme)
    node.when(SEND, refuse(-32000, "the moon is in the wrong house"), times=1)
    world.send()
    stored = world.transactions()[-1]
    with world.transaction() as (session, _):
        done = fill(session, world.edge, "minter", stored.signer_address, "refused, by ana")
        assert done == Filled((), (), (), stored.nonce)
        resume(session, "minter")
    world.send()
    world.mine(DEPTH + 1)
    world.confirm()
    assert world.transactions()[-1].state is TransactionState.REPLACED
    held = batch_row(world, batch)
    assert held.state is OutboxState.HELD
    assert "refused, by ana" in str(held.last_error)
    with world.transaction() as (session, now):
        operator.retry(session, held.id, WHO, now)
    world.settle()
    assert balances(world, addresses) == {100}


def orders(world: World, number: int) -> list[UUID]:
    """Rows that one call carries together; what they say is of no account here."""
    programme = world.programme()
    order = dict.fromkeys(("payment_id", "programme_id"), programme.chain_id)
    people = dict.fromkeys(("payer", "payee"), "0x" + "11" * 20)
    payload: dict[str, Any] = {"order": {**order, **people, "amount": 1, "requested_until": 1}}
    payload |= {"payer_signature": bytes(65), "acceptor_signature": bytes(65)}
    with world.transaction() as (session, now):
        return [
            enqueue(session, kind="settle_orders", key=str(uuid4()), payload=payload, now=now).id
            for _ in range(number)
        ]


def gas_by_size(most: int) -> Act:
    """What is longer than `most` bytes needs more than any block holds."""

    def act(_node: ScriptedNode, _method: str, parameters: list[Any]) -> Said:
        size = len(parameters[0]["data"]) // 2
        return {"result": hex(20_000_000 if size > most else 100_000)}

    return act


def test_a_group_that_no_block_holds_goes_in_parts(world: World, node: ScriptedNode) -> None:
    """Last here: of a row too large by itself a person must be told, the others go on."""
    rows = orders(world, 8)
    node.when("eth_estimateGas", gas_by_size(100), times=4)
    assert sender.prepare(world.edge, world.fence, "settler") is None
    with world.services.database.session() as session:
        found = [session.get_one(OutboxItem, row).state for row in rows]
    assert found == [OutboxState.HELD, *[OutboxState.WAITING] * 7]
    with world.transaction() as (session, now):
        operator.retry(session, rows[0], WHO, now)
    node.when("eth_estimateGas", gas_by_size(2_600))
    sent = sender.prepare(world.edge, world.fence, "settler")
    assert sent is not None
    with world.services.database.session() as session:
        carried = [session.get_one(OutboxItem, row).transaction_id == sent.id for row in rows]
    assert carried == [True] * 4 + [False] * 4
