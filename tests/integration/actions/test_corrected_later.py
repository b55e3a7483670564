"""A partner's file corrected on a later day: ceilings stay those of the day of recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.db import uuid7
from app.mail_settings import Mail
from app.rewards.models import RewardCounter
from app.rewards.valuing import deeds
from app.rights import closing
from app.services import Services
from tests.support.partner import Partner, actions, table, trip

Days = Callable[[], None]


@pytest.fixture
def next_day(services: Services) -> Iterator[Days]:
    moved: list[int] = []

    def move(days: int = 1) -> None:
        with services.database.transaction() as session:
            services.clock.move(session, days=days)
        moved.append(days)

    yield move
    move(-sum(moved))


def ceilings(partner: Partner) -> list[tuple[int, int]]:
    """Of the partner, day by day: deeds and cents."""
    with partner.services.database.session() as session:
        query = select(RewardCounter).where(
            col(RewardCounter.scope) == f"organisation:{partner.organisation_id}"
        )
        rows = session.scalars(query.order_by(col(RewardCounter.span)))
        return [(one.actions, one.cents) for one in rows]


def send(partner: Partner, minutes: int, result: str) -> None:
    rows = (trip(partner, number, "r-1", minutes=minutes) for number in (2, 4, 6))
    job = partner.send(table(*rows))
    assert (job.state, job.counts) == ("done", {result: 3})


def test_a_corrected_deed_counts_under_the_day_of_its_recording(
    partner: Partner, rider: UUID, next_day: Days, tmp_path: Path
) -> None:
    send(partner, 10, "accepted")
    [(_, at_first)] = ceilings(partner)
    next_day()
    for minutes in (12, 11):
        send(partner, minutes, "replaced")
        assert [one for one, _ in ceilings(partner)] == [3]
    mail = Mail(sender="civis@city.example", smtp_url=None, folder=tmp_path / "mail")
    with partner.services.database.transaction() as session:
        now = partner.services.clock.now(session)
        first = actions(partner)[0].id
        deeds.refuse(session, first, reason="not-plausible", by=uuid7(), now=now)
        closing.close(session, rider, gift=None, letters=mail, now=now)
    states = sorted(one.state.value for one in actions(partner))
    assert states == ["refused", "withdrawn", "withdrawn"]
    assert at_first > 0
    assert ceilings(partner) == [(0, 0)]
