"""A job's rounds: single by its lease, which is asked for now and then, not each time."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.chain.deploying.record import Deployment
from app.outbox.leases import Fence, LeaseLost, acquire
from app.outbox.models import Incident
from app.outbox.service import report_incident
from app.services import Services
from tests.support.statements import counted
from workers import schedule
from workers.context import Workshop
from workers.schedule import Entry, Rounds

LEASE = 40.0
OVER = text("update lease set until = clock_timestamp() - interval '1 s' where name = :name")


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


def _outlast(services: Services, name: str) -> None:
    """What one long statement does: nobody can prolong the lease meanwhile."""
    with services.database.transaction() as session:
        session.execute(OVER, {"name": name})


def _taken_over(services: Services, name: str, by: str = "another") -> None:
    _outlast(services, name)
    with services.database.transaction() as session:
        assert acquire(session, name, by, LEASE) is not None


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
    _taken_over(services, then)
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
    _taken_over(services, "late")
    clock.at += LEASE / 4
    rounds.run(job.entry)
    assert job.rounds == 1


def _commit(services: Services, fence: Fence) -> int:
    with services.database.transaction() as session:
        fence.check(session)
        now, by = services.clock.now(session), fence.holder
        report_incident(session, code=fence.name, detail=by, now=now, reference=by)
    return 1


def _committed(services: Services, name: str) -> list[str]:
    with services.database.session() as session:
        found = select(col(Incident.detail)).where(col(Incident.code) == name)
        return list(session.scalars(found.order_by(col(Incident.id))))


@pytest.mark.usefixtures("clock")
def test_who_lost_the_lease_amid_a_long_statement_commits_nothing_and_another_does_it(
    services: Services,
) -> None:
    one, other = _rounds(services, "one of two"), _rounds(services, "other of two")

    def job(workshop: Workshop, fence: Fence) -> int:
        if workshop is one.workshop:
            _outlast(services, fence.name)
            other.run(entry)
        return _commit(services, fence)

    entry = Entry("long", job, 1, 1, LEASE)
    one.run(entry)
    assert _committed(services, "long") == ["other of two"]
    assert (one.ended["long"], other.ended["long"]) == (0, 1)


def test_two_that_need_longer_than_the_lease_do_not_take_it_from_each_other_for_ever(
    services: Services, clock: Clock
) -> None:
    """Who lost the job leaves it alone for a while; then it comes back."""
    one, other = _rounds(services, "one of them"), _rounds(services, "other of them")

    def job(workshop: Workshop, fence: Fence) -> int:
        clock.at += 1.5 * LEASE
        _outlast(services, fence.name)
        if workshop is other.workshop:
            one.run(entry)
        elif not tried:
            _taken_over(services, fence.name, by=other.workshop.holder)
        tried.append(workshop.holder)
        return _commit(services, fence)

    entry, tried = Entry("longer", job, 1, 1, LEASE), list[str]()
    one.run(entry)
    assert (tried, _committed(services, "longer")) == (["one of them"], [])
    other.run(entry)
    assert _committed(services, "longer") == ["other of them"]
    clock.at += LEASE
    _outlast(services, "longer")
    one.run(entry)
    assert tried == ["one of them", "other of them", "one of them"]


def test_who_loses_a_job_again_leaves_it_alone_for_longer_until_a_round_ends_well(
    services: Services, clock: Clock
) -> None:
    job, rounds, tried = Job("again"), _rounds(services, "again"), list[float]()
    for job.then in ("lose", "lose", "lose", "do", "lose", "do"):
        while job.rounds == len(tried):
            rounds.run(job.entry)
            clock.at += LEASE
        tried.append(clock.at)
    assert [(b - a) / LEASE for a, b in pairwise(tried)] == [2, 4, 8, 1, 2]
