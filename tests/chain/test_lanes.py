"""One programme's row that stands still stops nobody else's, and an operator can let it go on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.outbox import operator
from app.outbox.models import Incident, OutboxItem, OutboxState
from app.outbox.operator import By, NotPossibleError
from app.outbox.pauses import paused
from app.rewards.batches.cells import publish_cells
from app.rewards.batches.refused import ON_FAILURE
from app.rewards.models import Batch, BatchState, CellPublication, Programme
from tests.support.chain_world import DEPTH, World
from tests.support.deeds_on_chain import by_timelock
from workers import jobs
from workers.context import Workshop

WHO = By("ana", "the payload was mended")


def cut(world: World, programme: Programme, *, people: int = 1, cents: int = 100) -> Batch:
    world.deeds(programme, world.citizens(people), cents=cents)
    made = world.cut(programme)
    assert made is not None
    return made


def row_of(world: World, batch: Batch) -> OutboxItem:
    with world.services.database.session() as session:
        query = select(OutboxItem).where(
            col(OutboxItem.kind) == "commit_batch", col(OutboxItem.key) == batch.id.hex()
        )
        return session.scalars(query).one()


def state(world: World, batch: Batch) -> BatchState:
    with world.services.database.session() as session:
        return session.get_one(Batch, batch.id).state


def rounds(world: World, number: int = 4) -> None:
    """Send, mine, confirm, index; what waits for a time goes on waiting."""
    for _ in range(number):
        world.send()
        world.mine(DEPTH + 1)
        world.confirm()
        world.index()


def hold(world: World, batch: Batch) -> OutboxItem:
    """The row contradicts the batch, so that the registry refuses it."""
    with world.transaction() as (session, _):
        row = session.get_one(OutboxItem, row_of(world, batch).id)
        row.payload = {**row.payload, "action_count": batch.action_count + 1}
    rounds(world, 1)
    held = row_of(world, batch)
    assert held.state is OutboxState.HELD
    return held


def mend(world: World, batch: Batch) -> None:
    with world.transaction() as (session, _):
        row = session.get_one(OutboxItem, row_of(world, batch).id)
        row.payload = {**row.payload, "action_count": batch.action_count}


def published_at(world: World, cells: CellPublication) -> datetime | None:
    with world.services.database.session() as session:
        return session.get_one(CellPublication, (cells.programme_id, cells.period)).final_at


def set_ceiling(world: World, programme: Programme, cents: int) -> None:
    by_timelock(world, "ActionRegistry", "setDailyCeiling", programme.chain_id, cents)


def test_a_batch_over_its_ceiling_stops_nobody_else(world: World) -> None:
    rich, other = world.programme(cents=9_000_000), world.programme()
    settled = cut(world, other, people=5)
    world.settle()
    under, over = (cut(world, rich, cents=2_600_000) for _ in range(2))
    plain = cut(world, other)
    with world.transaction() as (session, now):
        cells = publish_cells(session, other, now + timedelta(seconds=61))
        assert cells is not None
    for _ in range(20):  # a slow machine asks for the waiting one again in each round
        rounds(world, 1)
        if published_at(world, cells) is not None:
            break
    waiting = row_of(world, over)
    assert waiting.state is OutboxState.WAITING
    assert "DailyCeilingExceeded" in str(waiting.last_error)
    assert waiting.waits_until is not None, "another day lets it through"
    assert {state(world, one) for one in (settled, under, plain)} == {BatchState.FINAL}
    assert published_at(world, cells) is not None
    set_ceiling(world, rich, 6_000_000)
    with world.transaction() as (session, now):
        operator.retry(session, waiting.id, WHO, now)
    world.settle()
    assert state(world, over) is BatchState.FINAL


def test_a_batch_behind_its_own_programmes_keeps_its_order(world: World) -> None:
    programme, other = world.programme(), world.programme()
    first = cut(world, programme)
    hold(world, first)
    behind, free = cut(world, programme), cut(world, other)
    rounds(world)
    assert state(world, free) is BatchState.FINAL
    assert row_of(world, behind).state is OutboxState.WAITING
    mend(world, first)
    with world.transaction() as (session, now):
        operator.retry(session, row_of(world, first).id, WHO, now)
    world.settle()
    with world.services.database.session() as session:
        places = [session.get_one(Batch, b.id).sequence or 0 for b in (free, first, behind)]
        noted = session.scalars(
            select(Incident).where(col(Incident.reference) == str(row_of(world, first).id))
        ).all()
    assert [place - min(places) for place in places] == [0, 1, 2]
    assert [one.code for one in noted] == ["outbox_held", "outbox_retried"]
    assert all(one.acknowledged_at for one in noted)
    assert noted[1].detail.endswith("by ana: the payload was mended")


def test_a_held_batch_is_cancelled_and_its_deeds_go_into_another(world: World) -> None:
    programme, other = world.programme(), world.programme()
    bad = cut(world, programme, people=2)
    held = hold(world, bad)
    after = cut(world, other)
    with world.transaction() as (session, now):
        operator.cancel(session, held.id, WHO, now, ON_FAILURE)
    world.settle()
    assert (state(world, bad), state(world, after)) == (BatchState.CANCELLED, BatchState.FINAL)
    again = [world.cut(programme), world.cut(programme)]  # the same content is barred
    assert [one.action_count for one in again if one] == [1, 1]
    world.settle()
    with world.services.database.session() as session:
        query = select(col(Action.state)).where(col(Action.programme_id) == programme.id)
        assert set(session.scalars(query)) == {ActionState.SETTLED}
    with world.transaction() as (session, now), pytest.raises(NotPossibleError, match="failed"):
        operator.retry(session, held.id, WHO, now)


def test_a_held_batch_goes_out_without_one_account_s_deeds(world: World) -> None:
    programme = world.programme()
    people = world.citizens(3)
    world.deeds(programme, people)
    bad = world.cut(programme)
    assert bad is not None
    held = hold(world, bad)
    culprit = people[0][1]
    with world.transaction() as (session, now):
        with pytest.raises(NotPossibleError, match="credits no account"):
            operator.quarantine(
                session, held.id, WHO, now, account="0x" + "9" * 40, on_failure=ON_FAILURE
            )
        operator.quarantine(session, held.id, WHO, now, account=culprit, on_failure=ON_FAILURE)
    assert world.cut(programme) is None, "the others are of the first batch until it is barred"
    world.settle()
    assert world.cut(programme) is not None
    world.settle()
    with world.services.database.session() as session:
        query = select(Action).where(col(Action.programme_id) == programme.id)
        states = {one.account_address: one.state for one in session.scalars(query)}
    others = dict.fromkeys((address for _, address in people[1:]), ActionState.SETTLED)
    assert states == others | {culprit: ActionState.QUARANTINED}


def test_the_planner_asks_the_chain_for_the_ceiling(world: World) -> None:
    programme = world.programme()
    set_ceiling(world, programme, 250)
    workshop = Workshop(world.services, world.deployment, "test", _edges={"test": world.edge})
    world.deeds(programme, world.citizens(3))
    assert jobs.batch(workshop, world.fence) == 1
    world.settle()
    assert jobs.batch(workshop, world.fence) == 0, "200 of 250 are minted today"
    set_ceiling(world, programme, 300)
    assert jobs.batch(workshop, world.fence) == 1
    world.settle()


def test_books_older_than_the_chain_mint_nothing_for_anybody(world: World) -> None:
    """As after a backup: the books know one batch fewer than the registry. Last here."""
    one, other = world.programme(), world.programme()
    known = cut(world, one)
    world.settle()
    first, second = cut(world, one), cut(world, other)
    with world.transaction() as (session, _):
        lost = session.get_one(Batch, known.id).sequence or 0
        for batch, place in ((known, None), (first, lost), (second, lost + 1)):
            session.get_one(Batch, batch.id).sequence = place
            session.flush()
    rounds(world)
    for batch in (first, second):
        assert row_of(world, batch).state is OutboxState.WAITING
    assert "BatchCountWrong" in str(row_of(world, first).last_error)
    with world.services.database.session() as session:
        assert "contradict" in paused(session)["minter"].reason, "the key stops, for all programmes"
