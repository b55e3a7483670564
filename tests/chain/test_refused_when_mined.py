"""What was possible when it was tried, and is not when it is mined; and what is done already."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.actions.models import ActionState
from app.chain.models import ChainLog
from app.chain.sending import sender
from app.chain.typed import keccak
from app.outbox import operator
from app.outbox.models import OutboxItem, OutboxState, TransactionState
from app.outbox.operator import By
from app.outbox.service import enqueue
from app.rewards.batches.held_up import all_held_up, ended_of, may_release
from app.rewards.models import Batch, BatchState
from tests.support.batches_under_way import (
    balances,
    batch_row,
    cut,
    hurry,
    paused_keys,
    states,
)
from tests.support.chain_world import DEPTH, World
from tests.support.deeds_on_chain import call, set_minter
from tests.support.scripted_node import ScriptedNode


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


def test_reorganisations_to_depth_20_take_back_and_settle_once(world: World) -> None:
    """On a chain whose blocks are final at 24: what was read of the blocks that went is gone."""
    programme, straight = world.programme(), world.edge
    world.edge = replace(straight, chain=replace(straight.chain, finality_depth=24))
    everybody = list[str]()
    for depth in (1, 5, 20):
        batch, addresses = cut(world, programme, people=1)
        everybody += addresses
        world.send()
        world.mine(depth)
        world.confirm()
        world.index()
        assert committed(world, batch) == 1
        world.node.rpc("anvil_reorg", depth, [])
        world.confirm()
        world.index()
        assert committed(world, batch) == 0, "none of the new blocks holds it"
        world.send()
        world.mine()
        world.index()
        assert committed(world, batch) == 1, "the same bytes again"
    assert balances(world, addresses) == {0}, "it is not final yet"
    world.mine(24)
    world.confirm()
    world.index()
    assert balances(world, everybody) == {100}
    world.edge = straight


def committed(world: World, batch: Batch) -> int:
    """How often the chain says so, as far as it was read."""
    with world.services.database.session() as session:
        query = select(col(ChainLog.arguments)).where(col(ChainLog.event) == "BatchCommitted")
        return sum(found["batchId"] == "0x" + batch.id.hex() for found in session.scalars(query))


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


def test_a_key_is_changed_under_load(world: World) -> None:
    """Paused, drained, its role given to another key, resumed: nothing waits for the old one."""
    programme = world.programme()
    batches = [cut(world, programme, people=1) for _ in range(4)]
    world.send()
    with world.transaction() as (session, now):
        operator.pause_key(session, "minter", By("ana", "a new key tonight"), now)
    sent = len(world.transactions())
    world.mine(DEPTH + 1)
    assert world.send() == 0
    world.confirm()
    assert len(world.transactions()) == sent, "what was sent is final, and nothing else went out"
    set_minter(world, granted=False)
    world.signer.keys["minter"] = keccak(b"another minter")
    set_minter(world, granted=True)
    with world.transaction() as (session, now):
        operator.resume_key(session, "minter", By("ana", "it has moved"), now)
    world.settle()
    assert balances(world, [address for _, found in batches for address in found]) == {100}
    by_address = {row.signer_address for row in world.transactions() if row.signer == "minter"}
    assert len(by_address) == 2


def test_a_programme_ends_while_its_batch_waits(world: World) -> None:
    """Last here: the chain's time runs a year ahead. What can never be credited mints nothing, and
    its deeds are where an officer finds them."""
    programme = world.programme()
    batch, addresses = cut(world, programme)
    world.node.rpc("evm_increaseTime", 400 * 86_400)
    world.mine()
    call(world, "officer", "Programmes", "close", programme.chain_id)
    world.mine()
    world.settle()
    with world.services.database.session() as session:
        assert session.get_one(Batch, batch.id).state is BatchState.CANCELLED
    assert states(world, programme) == {ActionState.AUTHENTICATED}
    with world.services.database.session() as session:
        waiting, _ = all_held_up(session, cursor=None, limit=100)
        ended = ended_of(session, waiting)
    ours = {one.account_address: may_release(one, ended) for one in waiting}
    assert ours == dict.fromkeys(addresses, False), "only to be refused"
    assert balances(world, addresses) == {0}
    assert "ProgrammeIsClosed" in str(batch_row(world, batch).last_error)
