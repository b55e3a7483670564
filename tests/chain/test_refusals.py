"""What is refused: waiting, taking apart, holding; nothing lost, nothing twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.chain import typed
from app.chain.sending import sender
from app.outbox import operator
from app.outbox.leases import LeaseLost, acquire
from app.outbox.models import Incident, OutboxItem, OutboxState
from app.outbox.operator import By
from app.outbox.service import enqueue
from app.rewards.batches.cells import publish_cells
from app.rewards.batches.choosing import due_programmes
from app.rewards.batches.due import Limits
from app.rewards.models import Batch, BatchState, CellPublication, Programme
from app.rewards.money import ledger
from tests.support.chain_rows import fund
from tests.support.chain_world import DEPTH, World
from tests.support.deeds_on_chain import call

NOBODY = "0x" + "0" * 40


def cut_one(world: World, programme: Programme, *, people: int = 1) -> tuple[Batch, list[str]]:
    citizens = world.citizens(people)
    world.deeds(programme, citizens)
    made = world.cut(programme)
    assert made is not None
    return made, [address for _, address in citizens]


def hurry(world: World) -> None:
    """What waits for a time may go now."""
    with world.services.database.transaction() as session:
        session.execute(text("update outbox_item set not_before = null"))


def incidents(world: World) -> list[str]:
    with world.services.database.session() as session:
        return list(session.scalars(select(col(Incident.code)).order_by(col(Incident.id))))


def item_of(world: World, kind: str, key: str) -> OutboxItem:
    with world.services.database.session() as session:
        query = select(OutboxItem).where(col(OutboxItem.kind) == kind, col(OutboxItem.key) == key)
        return session.scalars(query).one()


def test_a_confirmation_before_its_proposal_waits(world: World) -> None:
    programme = world.programme(cents=100)
    with world.transaction() as (session, now):
        fund(session, programme, 700, now)
    fence = world.fence
    assert sender.serve(world.edge, fence, "treasurer_2") is False, "nothing to confirm yet"
    hurry(world)
    world.settle()


def test_a_refused_batch_is_taken_apart_and_those_behind_it_move_up(world: World) -> None:
    programme = world.programme()
    [(culprit, _), (innocent, address)] = world.citizens(2)
    world.deeds(programme, [(culprit, NOBODY), (innocent, address)])
    bad = world.cut(programme)
    assert bad is not None
    good, good_addresses = cut_one(world, programme)
    places = (bad.sequence, good.sequence)
    world.settle()
    with world.services.database.session() as session:
        refused, settled = session.get_one(Batch, bad.id), session.get_one(Batch, good.id)
        query = select(Action).where(col(Action.account_address).in_([NOBODY, address]))
        freed = {action.account_address: action.state for action in session.scalars(query)}
        assert ledger.available(session, good_addresses[0]) == 100
    assert (refused.state, refused.sequence) == (BatchState.CANCELLED, None)
    assert (settled.state, settled.sequence) == (BatchState.FINAL, places[0])
    assert freed == {NOBODY: ActionState.QUARANTINED, address: ActionState.AUTHENTICATED}
    again = world.cut(programme)
    assert again is not None
    assert again.sequence == places[1]
    world.settle()
    with world.services.database.session() as session:
        assert ledger.available(session, address) == 100
    assert "outbox_failed" in incidents(world)


def test_books_that_contradict_themselves_are_held(world: World) -> None:
    programme = world.programme()
    batch, _ = cut_one(world, programme)
    _corrupt(world, "commit_batch", {"action_count": batch.action_count + 1})
    assert world.send() == 0
    assert item_of(world, "commit_batch", batch.id.hex()).state is OutboxState.HELD
    with world.transaction() as (session, _):
        row = session.get_one(OutboxItem, item_of(world, "commit_batch", batch.id.hex()).id)
        row.payload = {**row.payload, "action_count": batch.action_count}
        row.state = OutboxState.WAITING  # the operator mended it
    world.settle()


def test_refused_cells_are_published_in_a_later_period(world: World) -> None:
    programme = world.programme()
    cut_one(world, programme, people=5)
    world.settle()
    with world.transaction() as (session, now):
        publication = publish_cells(session, programme, now + timedelta(seconds=61))
        assert publication is not None
    _corrupt(world, "publish_cells", {"kept_back_actions": 3})
    world.settle()
    with world.services.database.session() as session:
        stored = session.get_one(CellPublication, (programme.id, publication.period))
    assert stored.failed_at is not None
    with world.transaction() as (session, now):
        later = publish_cells(session, programme, now + timedelta(seconds=121))
        assert later is not None
    assert later.kept_back_actions == 0
    world.settle()
    with world.services.database.session() as session:
        stored = session.get_one(CellPublication, (programme.id, later.period))
    assert stored.final_at is not None


def test_money_bounds_a_batch(world: World) -> None:
    programme = world.programme(cents=250)
    people = world.citizens(3)
    world.deeds(programme, people)
    first = world.cut(programme)
    assert first is not None
    assert first.reward_cents == 200, "the third doesn't fit the budget"
    assert world.cut(programme) is None
    assert "budget_or_ceiling_reached" in incidents(world)
    with world.transaction() as (session, now):
        fund(session, programme, 1000, now)
    world.settle()
    assert world.cut(programme, Limits(daily_ceiling_cents=250)) is None, "nor the day's ceiling"
    with world.services.database.session() as session:
        told = session.scalars(
            select(Incident).where(col(Incident.code) == "budget_or_ceiling_reached")
        ).one()
        assert "wait for funding" in told.detail, "told once, until somebody looked or it passed"
    assert world.cut(programme) is not None
    with world.services.database.session() as session:
        assert session.get_one(Incident, told.id).acknowledged_at is not None
    world.settle()


def test_what_nobody_knows_is_held_and_holds_back_nobody_else(world: World) -> None:
    programme = world.programme()
    with world.transaction() as (session, now):
        kind, day = typed.keccak(b"log"), 20_000
        values = {"kind": kind, "day": day, "root": typed.keccak(b"root")}
        for key in ("first", "second"):
            enqueue(session, kind="anchor", key=key, payload=values, now=now)
        later = values | {"day": day + 1}
        enqueue(session, kind="anchor", key="third", payload=later, now=now)
    batch, _ = cut_one(world, programme)
    for _ in range(4):
        world.send()
        world.mine(DEPTH + 1)
        world.confirm()
    assert item_of(world, "anchor", "first").state is OutboxState.FINAL
    assert item_of(world, "anchor", "second").state is OutboxState.HELD
    assert item_of(world, "anchor", "third").state is OutboxState.FINAL
    assert item_of(world, "commit_batch", batch.id.hex()).state is OutboxState.FINAL
    assert "outbox_held" in incidents(world)
    with world.transaction() as (session, now):
        held, by = item_of(world, "anchor", "second").id, By("ana", "the day has its root")
        operator.cancel(session, held, by, now, world.edge.on_failure)
    assert item_of(world, "anchor", "second").state is OutboxState.FAILED
    world.settle()


def test_a_sender_that_lost_its_lease_writes_nothing(world: World) -> None:
    programme = world.programme()
    cut_one(world, programme)
    mine = world.fence
    with world.services.database.transaction() as session:
        session.execute(text("update lease set until = clock_timestamp() - interval '1 second'"))
        other = acquire(session, "test", "another process", 60)
    assert other is not None
    assert other.number == mine.number + 1
    before = len(world.transactions())
    with pytest.raises(LeaseLost):
        sender.run(world.edge, mine)
    assert len(world.transactions()) == before
    sender.run(world.edge, other)
    assert len(world.transactions()) == before + 1
    with world.services.database.transaction() as session:
        session.execute(text("update lease set until = clock_timestamp() - interval '1 second'"))
    world.settle()


def test_a_pause_makes_wait_and_its_end_lets_go(world: World) -> None:
    """Late in this module: the chain's time runs ahead from here on."""
    programme = world.programme()
    batch, addresses = cut_one(world, programme)
    call(world, "pauser", "ActionRegistry", "pause", 1)
    world.mine()
    assert world.send() == 0
    waiting = item_of(world, "commit_batch", batch.id.hex())
    assert waiting.state is OutboxState.WAITING
    assert waiting.last_error is not None
    assert "PauseInForce" in waiting.last_error
    assert waiting.waits_until is not None
    world.deeds(programme, world.citizens(1))
    assert not is_due(world, programme), "nothing is cut behind a queue that stands"
    world.node.rpc("evm_increaseTime", 15 * 86_400)  # a pause ends by itself
    world.mine()
    hurry(world)
    world.settle()
    with world.services.database.session() as session:
        assert ledger.available(session, addresses[0]) == 100
    assert is_due(world, programme)


def is_due(world: World, programme: Programme) -> bool:
    with world.transaction() as (session, now):
        return programme.id in {one.id for one in due_programmes(session, now)}


def test_a_stranger_with_our_key_stops_that_key(world: World) -> None:
    """Last in this module: the minter stays stopped."""
    programme = world.programme()
    nonce = world.edge.client.nonce(world.signer.address_of("minter"))
    world.edge.client.send_raw(world.sign("minter", nonce=nonce, gas=21_000))
    world.mine()
    batch, _ = cut_one(world, programme)
    assert world.send() == 0
    assert item_of(world, "commit_batch", batch.id.hex()).state is OutboxState.WAITING
    assert "key_used_elsewhere" in incidents(world)
    world.deeds(programme, world.citizens(1))
    assert not is_due(world, programme), "nor behind a key that is paused"


def _corrupt(world: World, kind: str, change: dict[str, object]) -> None:
    with world.services.database.transaction() as session:
        query = select(OutboxItem).where(
            col(OutboxItem.kind) == kind, col(OutboxItem.state) == OutboxState.WAITING
        )
        row = session.scalars(query).one()
        row.payload = {**row.payload, **change}
