"""Which band follows from what was noted, once its month has come."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.db import uuid7
from app.identity.age_asked import age_due
from app.identity.ages import Age, AgeBand, age_of, confirmed, is_due
from app.identity.models import IdentityLevel, Person
from tests.support.elsewhere import city_in

BORN = date(2011, 11, 20)
CHILD = age_of(BORN, date(2026, 11, 19))
YOUNG = age_of(BORN, date(2026, 11, 20))


def test_it_is_asked_from_the_noted_month_on() -> None:
    assert Age(AgeBand.UNDER_15, date(2026, 12, 1)) == CHILD
    assert not is_due(CHILD.until, date(2026, 11, 30))
    assert is_due(CHILD.until, date(2026, 12, 1))
    assert not is_due(None, date(2999, 1, 1))


@pytest.mark.parametrize(
    ("before", "said", "today", "expected"),
    [
        (CHILD, AgeBand.FROM_15_TO_17, date(2026, 12, 1), YOUNG),
        (CHILD, AgeBand.ADULT, date(2026, 12, 1), None),
        (CHILD, AgeBand.UNDER_15, date(2026, 12, 1), None),
        (CHILD, AgeBand.ADULT, date(2029, 12, 1), Age(AgeBand.ADULT, None)),
        (CHILD, AgeBand.FROM_15_TO_17, date(2029, 12, 1), None),
        (CHILD, AgeBand.FROM_15_TO_17, date(2026, 11, 30), None),
        (YOUNG, AgeBand.ADULT, date(2029, 12, 1), Age(AgeBand.ADULT, None)),
        (YOUNG, AgeBand.ADULT, date(2029, 11, 30), None),
        (YOUNG, AgeBand.FROM_15_TO_17, date(2029, 12, 1), None),
        (Age(AgeBand.ADULT, None), AgeBand.ADULT, date(2029, 12, 1), None),
    ],
)
def test_only_what_follows_is_taken(
    before: Age, said: AgeBand, today: date, expected: Age | None
) -> None:
    assert confirmed(before, said, today) == expected


@pytest.mark.parametrize(
    ("zone", "asked"),
    [("Pacific/Noumea", True), ("Europe/Paris", False), ("America/Martinique", False)],
)
def test_its_month_begins_where_the_city_is(zone: str, asked: bool) -> None:
    now = datetime(2026, 11, 30, 14, tzinfo=UTC)
    person = Person(
        id=uuid7(),
        identity_level=IdentityLevel.CARD,
        created_at=now,
        age_band=AgeBand.FROM_15_TO_17,
        age_until=date(2026, 12, 1),
    )
    with city_in(zone) as session:
        assert age_due(session, person, now) is asked
