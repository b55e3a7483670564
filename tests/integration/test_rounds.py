"""A job's rounds: single by its lease, which is asked for now and then, not each time."""

from __future__ import annotations

from typing import cast

import pytest

from app.chain.deploying.record import Deployment
from app.outbox.leases import Fence, LeaseLost, acquire, release_all
from app.services import Services
from tests.support.statements import counted
from workers import schedule
from workers.context import Workshop
from workers.schedule import Entry, Rounds

LEASE = 40.0


class Clock:
    """What the rounds take for the machine's monotonic clock."""

    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(schedule, "time", made)
    return made


class Job:
    """Counts its rounds, and does what `then` says."""

    def __init__(self, name: str) -> None:
        self.entry = Entry(name, self, 1, 1, LEASE)
        self.rounds, self.then = 0, ""

    def __call__(self, _workshop: Workshop, _fence: Fence) -> int:
        self.rounds += 1
        if self.then == "lose":
            raise LeaseLost(self.entry.name)
        if self.then == "fail":
            raise LookupError(self.entry.name)
        return self.then == "do"


def _rounds(services: Services, holder: str) -> Rounds:
    return Rounds(Workshop(services, cast("Deployment", None), holder))


def _taken_over(services: Services, name: str, holder: str) -> None:
    with services.database.transaction() as session:
        release_all(session, holder)
        assert acquire(session, name, "another", LEASE) is not None


def test_most_rounds_that_find_nothing_ask_for_nothing(services: Services, clock: Clock) -> None:
    job, rounds = Job("idle"), _rounds(services, "idle")
    rounds.run(job.entry)
    with counted(services.database.engine) as (statements, commits):
        clock.at += LEASE / 5
        rounds.run(job.entry)
        assert (statements, commits) == ([], [])
        clock.at += LEASE / 5
        rounds.run(job.entry)
        assert len(commits) == 2  # the lease is prolonged, and its success noted
    assert rounds.ended["idle"] == job.rounds == 3


def test_what_was_done_is_noted_at_once(services: Services, clock: Clock) -> None:
    job, rounds = Job("busy"), _rounds(services, "busy")
    rounds.run(job.entry)
    job.then = "do"
    clock.at += 1
    with counted(services.database.engine) as (statements, _):
        rounds.run(job.entry)
    [noted] = statements
    assert "last_success_at" in noted


@pytest.mark.parametrize("then", ["lose", "fail"])
@pytest.mark.usefixtures("clock")
def test_after_a_lost_or_failed_round_the_lease_is_asked_for(services: Services, then: str) -> None:
    """So a job that another process has taken over meanwhile is left to it."""
    job, rounds = Job(then), _rounds(services, then)
    rounds.run(job.entry)
    _taken_over(services, then, then)
    job.then = then
    rounds.run(job.entry)
    assert job.rounds == 2
    rounds.run(job.entry)
    assert job.rounds == 2


def test_a_lease_that_was_not_prolonged_in_time_is_another_s(
    services: Services, clock: Clock
) -> None:
    job, rounds = Job("late"), _rounds(services, "late")
    rounds.run(job.entry)
    _taken_over(services, "late", "late")
    clock.at += LEASE / 4
    rounds.run(job.entry)
    assert job.rounds == 1
