"""On which day the ceiling lets each deed through: planned by the batcher, looked up by pages.

A page view that counted the whole line anew took seconds with a city's deeds in it. So the line is
walked by the batcher now and then, and what is kept is the last deed of each day; a page reads on
from there, over what has come since alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

Place = tuple[datetime, UUID]  # in the line: when it is due, and its id
BEFORE_ALL: Place = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
MOST_DAYS = 366  # later ones nobody is told
PLANNED_FOR = timedelta(minutes=5)  # deeds are withdrawn and refused meanwhile


@dataclass
class Line:
    """`ends`: the last deed of each day from `day` (UTC) on; `left`: cents of the day after them,
    behind `last`."""

    day: date
    left: int
    ends: list[Place] = field(default_factory=list)
    last: Place = BEFORE_ALL

    @property
    def full(self) -> bool:
        return len(self.ends) >= MOST_DAYS

    def go_on(self, deeds: Iterable[tuple[Place, int]], ceiling: int) -> None:
        """A day ends at the first deed that no longer fits it whole, as a batch does."""
        for place, cents in deeds:
            if cents > self.left:
                self.ends.append(self.last)
                self.left = ceiling
            if self.full:
                return
            self.left -= cents
            self.last = place

    def midnight(self, place: Place) -> datetime | None:
        """Of the day on which it is credited; None where nobody knows."""
        if place > self.last:
            return None
        begins = datetime.combine(self.day, time.min, UTC)
        return begins + timedelta(days=bisect_left(self.ends, place))

    def to_json(self) -> dict[str, Any]:
        ends, last = [_said(one) for one in self.ends], _said(self.last)
        return {"day": self.day.isoformat(), "left": self.left, "ends": ends, "last": last}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Line:
        ends = [_place(one) for one in said["ends"]]
        return cls(date.fromisoformat(said["day"]), said["left"], ends, _place(said["last"]))


def _said(place: Place) -> list[str]:
    return [place[0].isoformat(), place[1].hex]


def _place(said: list[str]) -> Place:
    return datetime.fromisoformat(said[0]), UUID(hex=said[1])
