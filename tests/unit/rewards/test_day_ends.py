"""The walk along the line, for any deeds: as if each day were filled one deed after the other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.rewards.batches import day_ends
from app.rewards.batches.day_ends import Line, Place

DAY = date(2026, 11, 23)
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
CEILING = 100


def places(number: int) -> list[Place]:
    return [(FIRST + timedelta(seconds=n // 3), UUID(int=n)) for n in range(number)]


@given(
    cents=st.lists(st.integers(1, CEILING), min_size=1, max_size=40),
    left=st.integers(0, CEILING),
    stop=st.integers(0, 40),
)
def test_kept_and_gone_on_with_it_is_the_same(cents: list[int], left: int, stop: int) -> None:
    deeds = list(zip(places(len(cents)), cents, strict=True))
    line = Line(DAY, left)
    line.go_on(deeds[:stop], CEILING)
    line = Line.from_json(line.to_json())
    line.go_on(deeds[stop:], CEILING)

    day = 0
    for place, each in deeds:
        if each > left:
            day, left = day + 1, CEILING
        left -= each
        assert line.midnight(place) == datetime(2026, 11, 23, tzinfo=UTC) + timedelta(days=day)


def test_beyond_a_year_nobody_knows() -> None:
    line = Line(DAY, 0)
    deeds = [(place, CEILING) for place in places(day_ends.MOST_DAYS + 5)]
    line.go_on(deeds, CEILING)
    assert line.full
    assert len(line.ends) == day_ends.MOST_DAYS
    known = [line.midnight(place) is not None for place, _ in deeds]
    assert known == [True] * (day_ends.MOST_DAYS - 1) + [False] * 6
