"""What rules look at: one action as a record, and the data kept outside the rules.

Whatever isn't known is None (a place without codes: an empty mapping); the rule set says what
that means. Money is in cents, quantities are integers, `at` is in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

Codes = Mapping[str, str]
Point = tuple[float, float]  # longitude, latitude
NOWHERE: Codes = {}


@dataclass(slots=True)
class Action:
    """`citizen` earns; `other` is who shared it. Both, like partner, attester and trip, are keys
    of counters. An action at one place has that as its end."""

    at: datetime
    citizen: str | None = None
    other: str | None = None
    action_type: str | None = None
    quantity: int | None = None
    unit: str | None = None  # of the quantity; for explanations alone
    distance_m: int | None = None
    seats: int | None = None
    partner: str | None = None
    attester: str | None = None
    trip: str | None = None
    proof_level: str | None = None
    proof_class: str | None = None
    identity_level: str | None = None
    citizen_adult: bool | None = None
    other_adult: bool | None = None
    first_time: bool | None = None
    contribution_cents: int | None = None
    revenue_cents: int | None = None
    recorded_at: datetime | None = None
    start: Codes = field(default_factory=dict)
    end: Codes = field(default_factory=dict)
    start_lonlat: Point | None = None
    end_lonlat: Point | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None or not 1 < self.at.year < 9999:
            raise ValueError(f"{self.at} has no time zone, or not in every time zone a day")
        if self.at.tzinfo is not UTC:
            self.at = self.at.astimezone(UTC)


@dataclass(frozen=True)
class Outside:
    """What a rule set names and doesn't hold: days, places (as in `zones`), numbers."""

    calendars: Mapping[str, Sequence[date]] = field(default_factory=dict)
    zones: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


class MissingOutsideError(LookupError):
    """A calendar, zone or number that the rules name was not given."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"the rules need the {kind} {name}, which was not given")
        self.kind, self.name = kind, name
