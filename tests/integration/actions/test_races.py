"""Many counters at once: the budget and the caps hold, nobody waits in a circle, once is once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from app.actions.models import Action
from app.errors import CONSTRAINTS
from app.rewards.models import Programme
from app.rewards.valuing.replay import Difference, Replay
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


def test_the_same_deed_by_six_clerks_at_once_counts_once(services: Services) -> None:
    race = start(services, funded=1000)
    with ThreadPoolExecutor(WORKERS) as pool:
        results = sorted(pool.map(lambda clerk: race.attest(clerk, 0), range(WORKERS)))
    assert results == ["deed-recorded-twice"] * (WORKERS - 1) + ["recorded"]
    assert race.promised() == 10
