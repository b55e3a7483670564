"""The week of a pay-out ends where the city is, not where UTC is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.clock import Clock, attach
from app.db import Database
from app.merchants.periods import last_week, next_cut_off

SUNDAY = datetime(2026, 11, 29, 14, tzinfo=UTC)  # Monday at one in Noumea
MONDAY, LATER = date(2026, 11, 30), date(2026, 12, 7)


@pytest.mark.parametrize(
    ("zone", "now", "week", "cut_off", "following"),
    [
        ("UTC", SUNDAY, "2026-W47", datetime(2026, 11, 23, tzinfo=UTC), MONDAY),
        ("Europe/Paris", SUNDAY, "2026-W47", datetime(2026, 11, 22, 23, tzinfo=UTC), MONDAY),
        (
            "Pacific/Noumea",
            SUNDAY,
            "2026-W48",
            datetime(2026, 11, 29, 13, tzinfo=UTC),
            date(2026, 12, 7),
        ),
        ("Pacific/Tahiti", SUNDAY, "2026-W47", datetime(2026, 11, 23, 10, tzinfo=UTC), MONDAY),
        (
            "Europe/Paris",
            datetime(2026, 7, 5, 22, tzinfo=UTC),
            "2026-W27",
            datetime(2026, 7, 5, 22, tzinfo=UTC),
            date(2026, 7, 13),
        ),
        (
            "Europe/Paris",
            datetime(2026, 12, 31, 12, tzinfo=UTC),
            "2026-W52",
            datetime(2026, 12, 27, 23, tzinfo=UTC),
            date(2027, 1, 4),
        ),
    ],
)
def test_it_runs_from_monday_to_sunday_in_the_city(
    zone: str, now: datetime, week: str, cut_off: datetime, following: date
) -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")  # never connected to
    attach(database, Clock(zone=ZoneInfo(zone)))
    with database.session() as session:
        assert last_week(session, now) == (week, cut_off)
        assert next_cut_off(session, now) == following
    database.dispose()
