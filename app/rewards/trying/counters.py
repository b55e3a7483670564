"""Counters that are forgotten once no later action can reach them, so that memory stays flat.

A day is over when every time zone has left it and no row may still come late. A trip is over when
it hasn't begun lately: a later one of the same number is another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from app.rewards.language.counting import Key, counter_of
from app.rewards.language.periods import following
from app.rewards.trying.history import LATE

EVERY = 10  # days of the history between two looks
_ZONES = 2  # days that time zones lie apart, at most


class Counters(dict[Key, int]):
    """Of one rule set. `move_on` is told the day of each action."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        super().__init__()
        self._periods = {counter_of(limit): limit["period"] for limit in rules["limits"]}
        self._trips = {counter_of(limit) for limit in rules["limits"] if limit["per"] == "trip"}
        self._seen: dict[Key, int] = {}
        self._looked = 0

    def move_on(self, day: int) -> None:
        """`day`: its ordinal."""
        if day < self._looked + EVERY:
            return
        self._looked = day
        bound = date.fromordinal(day) - timedelta(days=LATE + _ZONES)
        for key in [key for key in self if self._over(key, day, bound)]:
            del self[key]
            self._seen.pop(key, None)

    def _over(self, key: Key, day: int, bound: date) -> bool:
        end = following(self._periods[key[0]], key[2])
        if end is not None and end <= bound:
            return True
        if key[0] not in self._trips:
            return False
        return self._seen.setdefault(key, day) <= day - LATE - EVERY
