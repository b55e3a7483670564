"""Many counters at once: the budget and the caps hold, nobody waits in a circle, once is once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from threading import local
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.config import DatabaseRole
from app.errors import CONSTRAINTS
from app.rewards import deeds
from app.rewards.caps import BUDGET, Key
from app.rewards.command import command
from app.rewards.models import Programme, RewardCounter
from app.rewards.replay import Difference, Replay
from app.rewards.slices import POOL
from app.services import Services
from tests.support.city import City, Clerk

WORKERS = 6


@dataclass
class Start:
    """What is committed before the race."""

    services: Services
    programme: Programme
    clerks: list[Clerk]
    citizens: list[UUID]

    def attest(self, clerk: int, citizen: int, minutes_ago: int = 0) -> str:
        """ "recorded", or the code of the constraint that stopped it."""
        with self.services.database.transaction() as session:
            city = City(session, self.services.clock.now(session).replace(microsecond=0))
            deed_at = int(city.now.timestamp()) // 60 * 60 - 60 * (minutes_ago + 2)
            who = self.citizens[citizen]
            try:
                city.attest(self.clerks[clerk], who, self.programme, deed_at=deed_at)
            except IntegrityError as error:
                session.rollback()
                return CONSTRAINTS[error.orig.diag.constraint_name]  # type: ignore[union-attr]
            return "recorded"

    def attest_or_undo(self, clerk: int, citizen: int, step: int) -> str:
        """Every third is taken back at once."""
        minutes = 10 + step * WORKERS + clerk
        said = self.attest(clerk, citizen, minutes)
        if step % 3 == 1:
            with self.services.database.transaction() as session:
                last = select(Action).where(
                    col(Action.entered_by) == self.clerks[clerk].person_id,
                    col(Action.state) == ActionState.AUTHENTICATED,
                )
                action = session.scalars(last.limit(1)).one()
                now = self.services.clock.now(session)
                by = self.clerks[clerk]
                deeds.undo(session, action.id, by=by.person_id, at=by.organisation.id, now=now)
        return said

    def slices(self) -> list[RewardCounter]:
        with self.services.database.session() as session:
            query = select(RewardCounter).where(
                col(RewardCounter.programme_id) == self.programme.id,
                col(RewardCounter.scope) == BUDGET,
                col(RewardCounter.span) != POOL[1],
            )
            return list(session.scalars(query))

    def budget(self) -> tuple[int, int, int]:
        """Used and granted by all slices, and what the pool says of that."""
        with self.services.database.session() as session:
            pool = session.get_one(RewardCounter, (self.programme.id, *POOL))
        slices = self.slices()
        granted = sum(one.granted_cents or 0 for one in slices)
        return sum(one.cents for one in slices), granted, pool.granted_cents or 0

    def differences(self) -> list[Difference]:
        with self.services.database.session() as session:
            return list(Replay(session, self.programme).differences())

    def promised(self) -> int:
        with self.services.database.session() as session:
            total = select(func.sum(col(Action.reward_cents)))
            query = total.where(col(Action.programme_id) == self.programme.id)
            return int(session.scalar(query) or 0)


def start(services: Services, *, funded: int) -> Start:
    with services.database.transaction() as session:
        city = City(session, services.clock.now(session).replace(microsecond=0))
        clerks = [city.clerk(city.organisation()) for _ in range(WORKERS)]
        citizens = [city.citizen().id for _ in range(WORKERS)]
        return Start(services, city.programme(funded=funded), clerks, citizens)


@pytest.mark.parametrize("funded", [55, 1000])
def test_the_budget_is_never_overdrawn(services: Services, funded: int) -> None:
    """Each deed is worth 10 cents; six clerks attest five citizens' deeds each, crossed."""
    race = start(services, funded=funded)
    with ThreadPoolExecutor(WORKERS) as pool:
        done = [
            pool.submit(race.attest, clerk, (clerk + step) % WORKERS, step * WORKERS + clerk)
            for step in range(5)
            for clerk in range(WORKERS)
        ]
    assert [one.result() for one in done] == ["recorded"] * 30
    assert race.promised() == min(funded, 300)
    assert race.differences() == []


_own, _numbers = local(), count(1)


def slice_of_thread() -> Key:
    _own.number = getattr(_own, "number", None) or next(_numbers)
    return (BUDGET, f"slice:{_own.number:02d}")


def test_slices_of_the_budget_promise_no_more_than_all_of_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each thread promises from a slice of its own, as processes do, and they take back too."""
    monkeypatch.setattr("app.rewards.valuation.own_slice", slice_of_thread)
    race = start(services, funded=287)
    with ThreadPoolExecutor(WORKERS) as pool:
        done = [
            pool.submit(race.attest_or_undo, clerk, (clerk + step) % WORKERS, step)
            for step in range(7)
            for clerk in range(WORKERS)
        ]
    assert [one.result() for one in done] == ["recorded"] * 42
    used, granted, pool_cents = race.budget()
    assert race.promised() == used <= granted == pool_cents <= 287
    assert len(race.slices()) > 1
    while used < 287:  # what other slices don't use comes back to whoever needs it
        race.attest(0, 0, 1000 + used)
        before, used = used, race.budget()[0]
        assert used > before
    assert race.budget() == (287, 287, 287)
    _check_replay(services, race.programme.slug)


def _check_replay(services: Services, slug: str) -> None:
    told = replayed(services, slug)
    assert told.exit_code == 0, told.output
    assert told.output.endswith("12 corrections, 287 cents promised, 0 differences.\n")
    nobody = replayed(services, "no-such")
    assert (nobody.exit_code, nobody.output) == (1, "Error: there is no programme no-such\n")


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


def test_the_same_deed_by_six_clerks_at_once_counts_once(services: Services) -> None:
    race = start(services, funded=1000)
    with ThreadPoolExecutor(WORKERS) as pool:
        results = sorted(pool.map(lambda clerk: race.attest(clerk, 0), range(WORKERS)))
    assert results == ["deed-recorded-twice"] * (WORKERS - 1) + ["recorded"]
    assert race.promised() == 10
