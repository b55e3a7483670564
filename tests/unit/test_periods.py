"""The week of a pay-out ends where the city is, not where UTC is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.merchants.periods import last_week, next_cut_off, up_to
from tests.support.elsewhere import city_in

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
    with city_in(zone) as session:
        assert last_week(session, now) == (week, cut_off)
        assert next_cut_off(session, now) == following


@pytest.mark.parametrize(
    ("zone", "hour", "name"),
    [
        ("Europe/Paris", 0, "2026-10-25 02:30+0200"),
        ("Europe/Paris", 1, "2026-10-25 02:30+0100"),  # the same hour again
        ("Pacific/Noumea", 14, "2026-10-26 01:30+1100"),
    ],
)
def test_what_a_treasurer_closes_is_named_by_the_city_s_time(
    zone: str, hour: int, name: str
) -> None:
    with city_in(zone) as session:
        assert up_to(session, datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) == name
