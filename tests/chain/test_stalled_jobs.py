"""A job that should have ended well long ago is named, whichever it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.outbox.leases import acquire, note_success
from app.outbox.models import Incident
from app.outbox.service import report_incident
from tests.support.chain_world import World
from workers import jobs, reconciling
from workers.context import Workshop
from workers.schedule import TIMETABLE
from workers.stalled import (
    BOOKS,
    LONGEST,
    LONGEST_PROOF,
    LONGEST_SELDOM,
    OFTEN,
    SELDOM,
    check_jobs,
    longest,
)


def alarmed(world: World) -> set[str]:
    """Jobs that are said to stand still after a round."""
    with world.transaction() as (session, now):
        check_jobs(session, now)
    return named(world)


def named(world: World) -> set[str]:
    with world.services.database.session() as session:
        query = select(Incident).where(
            col(Incident.code) == "job_stands_still", col(Incident.acknowledged_at).is_(None)
        )
        return {str(one.reference) for one in session.scalars(query)}


def test_a_job_that_stands_still_is_an_alarm_that_ends(world: World) -> None:
    """But for what an incident has stopped, which is named already."""
    with world.transaction() as (session, _):
        for name in ("sender", "batcher"):
            fence = acquire(session, name, "gone", 1)
            assert fence is not None
            note_success(session, fence)
    assert not alarmed(world)
    with world.transaction() as (session, _):
        ended = text("update lease set last_success_at = last_success_at - interval '11 minutes'")
        session.execute(ended)
    assert alarmed(world) == {"sender", "batcher"}
    with world.transaction() as (session, now):
        found = report_incident(session, code="nodes_disagree", detail="block 7", now=now)
    assert alarmed(world) == {"batcher"}
    with world.transaction() as (session, now):
        session.get_one(Incident, found.id).acknowledged_at = now
        session.execute(text("update lease set last_success_at = clock_timestamp()"))
    assert not alarmed(world)


def stand(world: World, name: str, since: timedelta) -> None:
    """The job ended well so long ago."""
    with world.transaction() as (session, _):
        fence = acquire(session, name, "gone", 1)
        assert fence is not None
        note_success(session, fence)
        earlier = text("update lease set last_success_at = last_success_at - :s where name = :n")
        session.execute(earlier, {"s": since, "n": name})


@pytest.mark.parametrize(
    ("name", "most"), [("watch", LONGEST), ("proofs", LONGEST_PROOF)], ids=["watch", "proofs"]
)
def test_the_watch_and_the_proof_are_looked_at_too(
    world: World, name: str, most: timedelta
) -> None:
    """The proof of a large city's every account takes long."""
    stand(world, name, most - timedelta(minutes=1))
    assert not alarmed(world)
    stand(world, name, most)
    assert alarmed(world) == {name}
    stand(world, name, timedelta())
    assert not alarmed(world)


def test_the_round_that_looks_at_all_jobs_is_looked_at_by_the_watch(world: World) -> None:
    """But for a process that has just begun, in which none of them had its turn yet."""
    begun = Workshop(world.services, world.deployment, "test", _edges={"test": world.edge})
    since = begun.since - LONGEST.total_seconds()
    stand(world, BOOKS, LONGEST)
    jobs.watch(begun, world.fence)
    assert not alarmed(world)
    jobs.watch(replace(begun, since=since), world.fence)
    assert alarmed(world) == {BOOKS}, "its own round neither finds nor ends it"
    stand(world, BOOKS, timedelta())
    jobs.watch(replace(begun, since=since), world.fence)
    assert not named(world)


@pytest.mark.parametrize("name", sorted(SELDOM))
def test_a_job_that_has_its_turn_within_an_hour_is_looked_at_after_three(
    world: World, name: str
) -> None:
    """But for a process that has just begun: while all stood, nobody had a turn."""
    begun = Workshop(world.services, world.deployment, "test")
    older = replace(begun, since=begun.since - LONGEST_SELDOM.total_seconds())
    stand(world, name, LONGEST_SELDOM - timedelta(minutes=1))
    reconciling.reconcile(older, world.fence)
    assert not named(world)
    stand(world, name, LONGEST_SELDOM)
    reconciling.reconcile(begun, world.fence)
    assert not named(world)
    reconciling.reconcile(older, world.fence)
    assert named(world) == {name}
    stand(world, name, timedelta())
    reconciling.reconcile(older, world.fence)
    assert not named(world)


def test_every_job_is_looked_at_and_has_its_turn_in_time() -> None:
    """But for long files, which are named by themselves, and the simulated city."""
    looked_at = {BOOKS: LONGEST} | {name: longest(name) for name in OFTEN | SELDOM}
    every = {entry.name: timedelta(seconds=entry.every) for entry in TIMETABLE}
    assert every.keys() - looked_at == {"imports", "demo-life"}
    assert [name for name, most in looked_at.items() if 3 * every[name] > most] == []
