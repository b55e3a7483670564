"""Many processes promise from one budget, some are killed in the middle: never a cent too much, and
nobody is cut while there is money."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from multiprocessing.connection import Connection, wait
from threading import Event, Thread
from typing import cast
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from app.actions.models import Action
from app.config import DatabaseRole
from app.error_answers import from_database
from app.rewards.command import command
from app.rewards.models import Evaluation, EvaluationKind, Programme, RewardCounter
from app.rewards.money.budget import budget_of
from app.rewards.valuing.caps import BUDGET, POOL
from app.services import Services
from tests.integration.actions.test_evaluations import rules
from tests.support.city import City
from tests.support.processes import eventually
from tests.support.racing import DONE, HOLDING, PATIENCE, Racer, Worker, started

FUNDED = 15_007  # a hundred and fifty deeds of 100 cents: the slices' time first, then the end


def prepared(services: Services, workers: int, funded: int = FUNDED) -> list[Racer]:
    """One for each worker, and one to look at what is left."""
    with services.database.transaction() as session:
        yesterday = (services.clock.now(session) - timedelta(days=1)).date()
        city = City(session, datetime.combine(yesterday, time(20), UTC))
        programme = city.programme(funded=funded, rules=rules())
        clerks = [city.clerk(city.organisation()) for _ in range(workers + 1)]
        citizens = tuple(city.citizen().id for _ in range(4))
        since = int(city.now.timestamp())
        return [
            Racer(services.settings, programme.id, one.person_id, one.organisation.id, one.key,
                  citizens, since, number=15)
            for one in clerks
        ]  # fmt: skip


class Watch:
    """Looks at the ledger while others write it; each look is one snapshot."""

    def __init__(self, services: Services, programme_id: UUID) -> None:
        self._services, self._programme_id = services, programme_id
        self.looks, self.over, self._end = 0, list[tuple[int, int]](), Event()
        self._thread = Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(0.05):
            with self._services.database.session() as session:
                programme = session.get_one(Programme, self._programme_id)
                found = budget_of(session, programme, self._services.clock.now(session))
            self.looks += 1
            if found.reserved + found.minted > found.funded:
                self.over.append((found.promised, found.funded))


def test_killed_workers_overdraw_nothing_and_hold_nothing(services: Services) -> None:
    *racers, last = prepared(services, 6)
    racers = [
        replace(one, steps=4 if number < 2 else 40, to_be_killed=number < 2)
        for number, one in enumerate(racers)
    ]
    with Watch(services, last.programme_id) as watch, started(racers) as workers:
        holding = _killed_as_they_hold(workers[:2])
        workers[2].kill()  # wherever it is
        done = [worker.hears(DONE) for worker in workers[3:]]
    assert (holding, done) == ([True] * 2, [True] * 3)
    assert (watch.looks > 0, watch.over) == (True, [])
    _agrees(services, last.programme_id)
    _use_up(services, last)
    used, granted, pool = _agrees(services, last.programme_id)
    assert used == granted == pool == FUNDED  # what the dead had in their slices too
    _cut_by_nothing_but_the_end(services, last.programme_id)
    with services.database.session() as session:
        slug = session.get_one(Programme, last.programme_id).slug
    told = replayed(services, slug)
    assert told.exit_code == 0, told.output
    assert told.output.endswith(f"{FUNDED} cents promised, 0 differences.\n")
    nobody = replayed(services, "no-such")
    assert (nobody.exit_code, nobody.output) == (1, "Error: there is no programme no-such\n")


def _killed_as_they_hold(workers: list[Worker]) -> list[bool]:
    """Each at once, whichever is first: the other may wait for what it holds."""
    said, left = list[bool](), {worker.told: worker for worker in workers}
    while left and (ready := wait(list(left), PATIENCE)):
        for told in ready:
            worker = left.pop(cast("Connection", told))
            said.append(worker.hears(HOLDING))
            worker.kill()
    return said


def _use_up(services: Services, last: Racer) -> None:
    step, cents = 0, 100
    while cents == 100:
        with services.database.transaction() as session:
            city = last.city(session)
            cents = last.attest(session, city, step).reward_cents
        step += 1


def _agrees(services: Services, programme_id: UUID) -> tuple[int, int, int]:
    """Used by all slices, granted to them, and what the pool says of that; deeds say the same."""
    with services.database.session() as session:
        budget = select(RewardCounter).where(
            col(RewardCounter.programme_id) == programme_id, col(RewardCounter.scope) == BUDGET
        )
        rows = {one.span: one for one in session.scalars(budget)}
        total = select(func.sum(col(Action.reward_cents)))
        of_deeds = session.scalar(total.where(col(Action.programme_id) == programme_id))
    pool = rows.pop(POOL[1])
    granted = sum(one.granted_cents or 0 for one in rows.values())
    used = sum(one.cents for one in rows.values())
    given = pool.granted_cents or 0
    assert of_deeds == used <= granted == given <= FUNDED
    return used, granted, given


def _cut_by_nothing_but_the_end(services: Services, programme_id: UUID) -> None:
    """In the order of numbers: who got less than a deed's worth got all that was left of all."""
    running, cut = 0, 0
    with services.database.session() as session:
        query = select(Evaluation).where(col(Evaluation.programme_id) == programme_id)
        found = {one.number: one for one in session.scalars(query)}
    for _number, one in sorted(found.items()):
        back = one.kind is EvaluationKind.RETURNED
        running += -found[one.of_number or 0].cents if back else one.cents
        if not back and one.cents < one.worth_cents:
            cut += 1
            assert (running, one.cut_by) == (FUNDED, ["budget"])
    assert cut > 0


def replayed(services: Services, slug: str) -> Result:
    """`civis programme replay`."""
    settings = services.settings
    given = {
        "CIVIS_HOME": str(settings.home),
        "CHAIN_RPC_URLS": "http://127.0.0.1:9",
        "PUBLIC_URL": "https://civis.example",
        DatabaseRole.APP.variable: settings.database_url(DatabaseRole.APP),
    }
    return CliRunner().invoke(command, ["replay", slug], env=given)


def test_nobody_is_cut_while_a_busy_slice_holds_money(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's slice has more than they need, and they have not committed: who needs it waits."""
    one, other = prepared(services, 1, funded=5_040)
    found: list[tuple[int, list[str]]] = []
    thread = Thread(target=lambda: found.append(_large(services, other)))
    with _busy_slice(services, one, monkeypatch):
        thread.start()
        assert eventually(lambda: bool(found) or _somebody_waits(services))
    thread.join(PATIENCE)
    assert found == [(5_000, [])]


def test_who_is_short_by_what_a_busy_slice_holds_begins_again(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should many come at once far from the end: no waiting in a circle, and nothing counted."""
    monkeypatch.setattr("app.rewards.valuing.slices.NEAR", 0)
    one, other = prepared(services, 1, funded=5_040)
    with (
        _busy_slice(services, one, monkeypatch),
        pytest.raises(OperationalError) as refused,
    ):
        _large(services, other)
    problem = from_database(refused.value)
    assert problem is not None
    assert problem.code == "try-again"
    assert _large(services, other) == (5_000, [])


@contextmanager
def _busy_slice(services: Services, one: Racer, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """With money that it needs for no deed, in a transaction that is open within the block; what
    comes then has another."""
    patch.setattr("app.rewards.valuing.valuation.own_slice", lambda: (BUDGET, "slice:01"))
    with services.database.transaction() as session:
        city = one.city(session)
        assert one.attest(session, city, 0, quantity=200).reward_cents == 10
    with services.database.transaction() as session:
        city.session = session
        assert one.attest(session, city, 1, quantity=200).reward_cents == 10
        patch.setattr("app.rewards.valuing.valuation.own_slice", lambda: (BUDGET, "slice:02"))
        yield


def _large(services: Services, racer: Racer) -> tuple[int, list[str]]:
    """100 kg, worth 5 000 cents: what it brought, and what cut it."""
    with services.database.transaction() as session:
        city = racer.city(session)
        made = racer.attest(session, city, 2, quantity=100_000)
        session.flush()
        query = select(Evaluation).where(col(Evaluation.action_id) == made.id)
        return made.reward_cents, session.scalars(query).one().cut_by


def _somebody_waits(services: Services) -> bool:
    with services.database.session() as session:
        waits = text("select exists (select from pg_stat_activity where wait_event_type = 'Lock')")
        return bool(session.scalar(waits))
