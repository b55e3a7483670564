"""Everything promised is in exactly one place on its way to the chain, or somebody is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.actions.models import Action
from app.outbox.models import Incident
from app.rewards.batches.cells import publish_cells
from app.rewards.batches.plan_models import CreditPlan, Short
from app.rewards.models import Batch, Programme, ProgrammeState
from tests.support.chain_world import World
from workers import reconciling
from workers.context import Workshop


def contradictions(world: World) -> set[str]:
    """After two rounds: what one finds and the next doesn't is none."""
    workshop = Workshop(world.services, world.deployment, "test")
    assert reconciling.reconcile(workshop, world.fence) == 0
    reconciling.reconcile(workshop, world.fence)
    with world.services.database.session() as session:
        query = select(col(Incident.reference)).where(
            col(Incident.code) == reconciling.CODE, col(Incident.acknowledged_at).is_(None)
        )
        return {str(found) for found in session.scalars(query)}


def change(world: World, statement: str, batch: Batch) -> None:
    with world.services.database.transaction() as session:
        session.execute(text(statement), {"id": batch.id, "key": batch.id.hex()})


def test_a_batch_on_its_whole_way_contradicts_nothing(world: World) -> None:
    programme = world.programme()
    world.deeds(programme, world.citizens(3))
    for step in (lambda: None, lambda: world.cut(programme), world.send, world.settle):
        step()
        assert not contradictions(world)


BOTH = (
    "with changed as (update batch set state = '{}' where id = :id)"
    " update action set state = '{}' where batch_id = :id"
)
BROKEN = {
    "a deed is settled, and its batch is not final": (
        "update action set state = 'settled' where batch_id = :id",
        "update action set state = 'batched' where batch_id = :id",
    ),
    "a deed waits for a batch, and one that is on its way holds it": (
        "update action set state = 'authenticated' where batch_id = :id",
        "update action set state = 'batched' where batch_id = :id",
    ),
    "a batch holds another number of deeds than it says": (
        "update batch set action_count = action_count + 1 where id = :id",
        "update batch set action_count = action_count - 1 where id = :id",
    ),
    "a batch is on its way, and nothing will send it": (
        "update outbox_item set state = 'failed' where key = :key",
        "update outbox_item set state = 'waiting' where key = :key",
    ),
    "a batch arrived, and nobody was credited": (
        "update outbox_item set state = 'final', final_at = 'yesterday' where key = :key",
        "update outbox_item set state = 'waiting', final_at = null where key = :key",
    ),
    "a batch was taken apart, and nothing will bar it": (
        "update batch set state = 'failed' where id = :id",
        "update batch set state = 'frozen' where id = :id",
    ),
    "a deed is batched, and its batch is none that is on its way": (
        "update batch set state = 'cancelled' where id = :id",
        "update batch set state = 'frozen' where id = :id",
    ),
    "a batch is barred, and its deeds still wait in it": (
        BOTH.format("cancelled", "authenticated"),
        BOTH.format("frozen", "batched"),
    ),
    "a batch credits another amount than its deeds bring": (
        "update action set reward_cents = reward_cents + 777 where batch_id = :id",
        "update action set reward_cents = reward_cents - 777 where batch_id = :id",
    ),
    "something is sent, and no transaction carries it": (
        "update outbox_item set state = 'sent' where key = :key",
        "update outbox_item set state = 'waiting' where key = :key",
    ),
}


@pytest.fixture(scope="module")
def batch(world: World) -> Batch:
    programme = world.programme()
    world.deeds(programme, world.citizens(3))
    made = world.cut(programme)
    assert made is not None
    return made


@pytest.mark.parametrize("question", BROKEN)
def test_what_contradicts_itself_is_told_until_it_is_mended(
    world: World, batch: Batch, question: str
) -> None:
    breaks, mends = BROKEN[question]
    change(world, breaks, batch)
    assert contradictions(world) == {question}
    change(world, mends, batch)
    assert not contradictions(world)


def test_a_batch_that_is_barred_and_never_taken_apart(world: World, batch: Batch) -> None:
    """The row that sends it stands for the one that bars it."""
    change(world, "update batch set state = 'failed' where id = :id", batch)
    barred = "kind = 'cancel_batch', state = 'final', final_at = 'yesterday'"
    change(world, f"update outbox_item set {barred} where key = :key", batch)
    assert contradictions(world) == {"a batch is barred, and its deeds still wait in it"}
    sends = "kind = 'commit_batch', state = 'waiting', final_at = null"
    change(world, f"update outbox_item set {sends} where key = :key", batch)
    change(world, "update batch set state = 'frozen' where id = :id", batch)
    assert not contradictions(world)


def test_a_deed_that_is_never_cut_and_nobody_says_why(world: World) -> None:
    programme = world.programme()
    world.deeds(programme, world.citizens(1))
    assert not contradictions(world)
    with world.transaction() as (session, _):
        late = text(
            "update action set due_at = due_at - interval '40 days' where programme_id = :id"
        )
        session.execute(late, {"id": programme.id})
        session.get_one(Programme, programme.id).state = ProgrammeState.CLOSED
    assert contradictions(world) == {"a deed is due for days, and nobody knows why it waits"}
    with world.transaction() as (session, now):
        plan = CreditPlan(programme_id=programme.id, planned_at=now, short_of=Short.FUNDING)
        session.add(plan)
    assert not contradictions(world)


def test_cells_that_count_another_number_than_the_books(world: World) -> None:
    programme = world.programme()
    world.deeds(programme, world.citizens(5))
    assert world.cut(programme) is not None
    world.settle()
    with world.transaction() as (session, now):
        assert publish_cells(session, programme, now + timedelta(seconds=61)) is not None
    assert not contradictions(world)
    with world.transaction() as (session, _):
        query = select(Action).where(col(Action.published_period).is_not(None)).limit(1)
        forgotten = session.scalars(query).one()
        period, forgotten.published_period = forgotten.published_period, None
    assert contradictions(world) == {"cells count other deeds than the books say"}
    with world.transaction() as (session, _):
        session.get_one(Action, forgotten.id).published_period = period
    assert not contradictions(world)


def test_every_question_can_be_asked(world: World) -> None:
    """Those about payments, refunds, pay-outs and cells too: PostgreSQL knows all they name."""
    assert len(reconciling.QUESTIONS) > len(BROKEN)
    assert not contradictions(world)
