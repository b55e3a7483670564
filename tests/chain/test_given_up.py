"""Transactions that can't or must not be mined any more: nothing is lost, nothing done twice,
nothing stands still for ever."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.chain import sender
from app.chain.adopting import Filled, fill
from app.chain.typed import keccak
from app.outbox import operator
from app.outbox.models import ChainTransaction, Incident, OutboxItem, OutboxState, TransactionState
from app.outbox.operator import By
from app.outbox.pauses import paused, resume
from app.outbox.service import enqueue
from app.rewards import ledger
from app.rewards.models import Batch, BatchState, Programme
from app.services import Services
from tests.support.chain_world import DEPTH, World, chain_world
from tests.support.deeds_on_chain import call, set_minter
from tests.support.scripted_node import ScriptedNode, altered, refuse, scripted_node

SEND = "eth_sendRawTransaction"
WHO = By("ana", "looked at it")


@pytest.fixture(scope="module")
def world(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with chain_world(services, tmp_path_factory.mktemp("chain")) as made:
        yield made


@pytest.fixture
def node(world: World) -> Iterator[ScriptedNode]:
    straight = world.edge
    with scripted_node(world.node.url) as double:
        world.edge = replace(straight, client=world.client_of(double.url))
        yield double
    world.edge = straight


def cut(world: World, programme: Programme, people: int = 3) -> tuple[Batch, list[str]]:
    citizens = world.citizens(people)
    world.deeds(programme, citizens)
    made = world.cut(programme)
    assert made is not None
    return made, [address for _, address in citizens]


def balances(world: World, addresses: list[str]) -> set[int]:
    with world.services.database.session() as session:
        return {ledger.available(session, address) for address in addresses}


def states(world: World, programme: Programme) -> set[ActionState]:
    with world.services.database.session() as session:
        query = select(col(Action.state)).where(col(Action.programme_id) == programme.id)
        return set(session.scalars(query))


def batch_row(world: World, batch: Batch) -> OutboxItem:
    with world.services.database.session() as session:
        query = select(OutboxItem).where(
            col(OutboxItem.kind) == "commit_batch", col(OutboxItem.key) == batch.id.hex()
        )
        return session.scalars(query).one()


def hurry(world: World) -> None:
    with world.services.database.transaction() as session:
        session.execute(text("update outbox_item set not_before = null"))


def open_incidents(world: World) -> set[str]:
    with world.services.database.session() as session:
        query = select(col(Incident.code)).where(col(Incident.acknowledged_at).is_(None))
        return set(session.scalars(query))


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


def test_a_reverted_one_with_ten_queued_behind_it(world: World) -> None:
    """Tried when it was possible, mined when it was not."""
    programmes = [world.programme() for _ in range(2)]
    first, addresses = cut(world, programmes[0])
    prepared = sender.prepare(world.edge, world.fence, "minter")
    queued = [cut(world, programmes[number % 2], people=1) for number in range(10)]
    call(world, "pauser", "ActionRegistry", "pause", 1)
    world.mine()
    assert prepared is not None
    world.send()
    world.mine(DEPTH + 1)
    world.confirm()
    stored = world.transactions()[-1]
    assert (stored.state, stored.nonce) == (TransactionState.FAILED, prepared.nonce)
    waiting = batch_row(world, first)
    assert waiting.state is OutboxState.WAITING
    assert "PauseInForce" in str(waiting.last_error)
    assert waiting.waits_until is not None, "the page says until when"
    world.send()
    assert len({row.nonce for row in world.transactions() if row.signer == "minter"}) == len(
        [row for row in world.transactions() if row.signer == "minter"]
    )
    call(world, "unpauser", "ActionRegistry", "unpause", 1)
    world.mine()
    hurry(world)
    world.settle(rounds=16)
    everybody = [*addresses, *(address for _, found in queued for address in found)]
    assert balances(world, everybody) == {100}
    assert batch_row(world, first).waits_until is None


@pytest.mark.parametrize("depth", [1, 3])
def test_a_reorganisation_turns_success_into_refusal(world: World, depth: int) -> None:
    programme = world.programme()
    batch, addresses = cut(world, programme)
    after, others = cut(world, world.programme())
    world.send()
    world.mine()
    world.send()
    world.mine(depth - 1)
    world.confirm()
    world.index()
    world.node.rpc("anvil_rollback", depth)
    world.node.rpc("anvil_dropAllTransactions")
    world.node.rpc("evm_increaseTime", 7)
    call(world, "pauser", "ActionRegistry", "pause", 1)
    world.mine()
    for _ in range(3):
        world.send()
        world.mine(DEPTH + 1)
        world.confirm()
        world.index()
        hurry(world)
    call(world, "unpauser", "ActionRegistry", "unpause", 1)
    world.mine()
    hurry(world)
    world.settle()
    assert balances(world, [*addresses, *others]) == {100}
    with world.services.database.session() as session:
        places = {session.get_one(Batch, one.id).sequence for one in (batch, after)}
    assert len(places) == 2
    assert not paused_keys(world)


def test_what_a_restored_database_sends_again_is_refused(world: World) -> None:
    programme = world.programme()
    batch, addresses = cut(world, programme)
    world.settle()
    with world.transaction() as (session, _):
        session.get_one(OutboxItem, batch_row(world, batch).id).state = OutboxState.WAITING
        session.get_one(Batch, batch.id).state = BatchState.FROZEN
    world.send()
    again = batch_row(world, batch)
    assert again.state is OutboxState.HELD
    assert "BatchUsed" in str(again.last_error)
    assert balances(world, addresses) == {100}
    with world.transaction() as (session, _):
        session.get_one(OutboxItem, again.id).state = OutboxState.FINAL
        session.get_one(Batch, batch.id).state = BatchState.FINAL


def test_a_role_that_is_taken_away_and_given_back(world: World) -> None:
    programme = world.programme()
    batches = [cut(world, programme, people=1) for _ in range(5)]
    world.send()
    set_minter(world, granted=False)
    for _ in range(3):
        world.send()
        world.mine(DEPTH + 1)
        world.confirm()
        world.index()
        hurry(world)
    waiting = [batch_row(world, batch) for batch, _ in batches]
    assert OutboxState.WAITING in {row.state for row in waiting}
    assert any("AccessManagedUnauthorized" in str(row.last_error) for row in waiting)
    set_minter(world, granted=True)
    hurry(world)
    world.settle()
    assert balances(world, [address for _, found in batches for address in found]) == {100}


def test_many_wait_and_the_pool_takes_four_of_a_sender(world: World, node: ScriptedNode) -> None:
    """`N=1000` for as many as a city has after a week without a network."""
    number = int(os.environ.get("N", "25"))
    with world.transaction() as (session, now):
        for day in range(number):
            payload = {"kind": keccak(b"many"), "day": day + 1, "root": bytes([7]) * 32}
            enqueue(session, kind="anchor", key=f"many:{day}", payload=payload, now=now)
    address = world.signer.address_of("minter")
    most = 0
    for _ in range(number):
        world.send()
        ahead = int(node.real("eth_getTransactionCount", [address, "pending"])["result"], 16)
        most = max(most, ahead - world.edge.client.nonce(address))
        world.mine()
    world.settle()
    assert most == 1
    with world.services.database.session() as session:
        query = select(col(OutboxItem.state)).where(col(OutboxItem.key).startswith("many:"))
        assert list(session.scalars(query)) == [OutboxState.FINAL] * number


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
    assert done == Filled((prepared.nonce + 1,), (prepared.nonce,), None)
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
        assert done == Filled((), (), stored.nonce)
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


def paused_keys(world: World) -> set[str]:
    with world.services.database.session() as session:
        return set(paused(session))
