"""The plan of a simulated city: places, citizens and their deeds, from a fixed seed.

Pure. The same start day gives the same plan to the minute, so seeding can stop anywhere and go
on. Nobody in it exists: addresses name a role or a number, never a person. Quantities are whole
numbers of the action type's unit.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from app.identity.models import IdentityLevel
from app.impact.catalogue import Catalogue

SEED = 20_260_901
ZONE = ZoneInfo("Europe/Paris")
DOMAIN = "demo.example"
_SPREAD = 0.5  # sigma of the log-normal quantities
_TYPICAL = 0.35  # median quantity as a share of the usual maximum


@dataclass(frozen=True)
class Place:
    """An organisation of the city. `deeds`: how often each action type is vouched for there."""

    slug: str
    name: str
    district: str | None
    association: bool = False
    opens: int = 9
    closes: int = 18
    weekend: float = 1.0  # deeds on a weekend day, a weekday being 1
    deeds: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Citizen:
    """`activity`: how often this one acts, relative to the others. The first is the visitor's."""

    number: int
    level: IdentityLevel
    activity: float

    @property
    def local(self) -> str:
        """Of the e-mail address."""
        return "citizen" if self.number == 1 else f"citizen-{self.number}"


@dataclass(frozen=True)
class PlannedDeed:
    """A deed vouched for on the spot: `at` is when it was done and recorded."""

    citizen: int  # index into City.citizens
    attester: str
    action_type: str
    quantity: int
    at: datetime


@dataclass(frozen=True)
class City:
    """Who and what there is. `deeds_a_day` is a mean."""

    attesters: tuple[Place, ...]
    partners: tuple[Place, ...]
    shops: tuple[Place, ...]  # the bakery first
    districts: tuple[str, ...]
    citizens: tuple[Citizen, ...]
    days: int
    deeds_a_day: float

    def deeds(self, last: date, catalogue: Catalogue) -> Iterator[PlannedDeed]:
        """All deeds of the `days` before `last`, in the order of time."""
        for back in range(self.days, 0, -1):
            yield from self._day(last - timedelta(days=back), catalogue)

    def _day(self, day: date, catalogue: Catalogue) -> list[PlannedDeed]:
        chance = random.Random(f"{SEED}:{day}")  # noqa: S311 - a simulation
        found = [self._deed(place, day, catalogue, chance) for place in self._visits(day, chance)]
        return sorted(found, key=lambda deed: (deed.at, deed.citizen))

    def _visits(self, day: date, chance: random.Random) -> list[Place]:
        """Which attesters are visited that day, once per deed."""
        weekend = day.weekday() >= 5
        weights = [_busyness(place) * (place.weekend if weekend else 1) for place in self.attesters]
        weekdays = sum(_busyness(place) for place in self.attesters)
        mean = self.deeds_a_day * sum(weights) / weekdays
        count = max(1, round(chance.gauss(mean, math.sqrt(mean))))
        return chance.choices(self.attesters, weights, k=count)

    def _deed(
        self, place: Place, day: date, catalogue: Catalogue, chance: random.Random
    ) -> PlannedDeed:
        kinds = place.deeds or {}
        action_type = chance.choices(list(kinds), list(kinds.values()))[0]
        who = chance.choices(range(len(self.citizens)), [c.activity for c in self.citizens])[0]
        minute = chance.randrange((place.closes - place.opens) * 60)
        opened = datetime.combine(day, time(place.opens), ZONE)
        at = (opened + timedelta(minutes=minute)).astimezone(UTC)
        quantity = some_quantity(action_type, catalogue, chance)
        return PlannedDeed(who, place.slug, action_type, quantity, at)


def some_quantity(action_type: str, catalogue: Catalogue, chance: random.Random) -> int:
    """A log-normal quantity, at least one unit and at most what the catalogue takes."""
    entry = catalogue.action_type(action_type)
    median = entry.quantity_usual * _TYPICAL
    drawn = round(chance.lognormvariate(math.log(max(median, 1)), _SPREAD))
    return max(1, min(drawn, entry.quantity_max))


def _busyness(place: Place) -> int:
    return sum((place.deeds or {}).values())


@cache
def whole_city() -> City:
    """Three months, 80 citizens: what `make run` shows."""
    return make_city(citizens=80, days=84, deeds_a_day=12.5)


@cache
def small_city() -> City:
    """Two weeks, 24 citizens: for tests, and for those in a hurry."""
    return make_city(citizens=24, days=14, deeds_a_day=11.0)


def make_city(*, citizens: int, days: int, deeds_a_day: float) -> City:
    data = _places()
    return City(
        attesters=tuple(_attester(entry) for entry in data["attesters"]),
        partners=tuple(Place(**entry) for entry in data["partners"]),
        shops=tuple(Place(**entry) for entry in data["shops"]),
        districts=tuple(data["districts"]),
        citizens=_citizens(citizens),
        days=days,
        deeds_a_day=deeds_a_day,
    )


def stations() -> list[dict[str, Any]]:
    """Where the simulated shared bikes stand."""
    return list(_places()["stations"])


def address(local: str) -> str:
    """An e-mail address that names a role or number, at a domain that can't exist."""
    return f"{local}@{DOMAIN}"


def _citizens(count: int) -> tuple[Citizen, ...]:
    """A few are very active, most a little; the visitor's has something to spend."""
    chance = random.Random(f"{SEED}:citizens")  # noqa: S311 - a simulation
    levels = [IdentityLevel.VERIFIED, IdentityLevel.CONTACT, IdentityLevel.CARD]
    drawn = chance.choices(levels, [70, 25, 5], k=count)
    others = (
        Citizen(number, level, chance.lognormvariate(0, 0.7))
        for number, level in enumerate(drawn[1:], start=2)
    )
    return (Citizen(1, IdentityLevel.CONTACT, 1.5), *others)


def _attester(entry: dict[str, Any]) -> Place:
    opens, closes = entry["open"]
    return Place(
        entry["slug"],
        entry["name"],
        entry["district"],
        opens=opens,
        closes=closes,
        weekend=entry["weekend"],
        deeds=entry["deeds"],
    )


@cache
def _places() -> dict[str, Any]:
    text = resources.files("app.demo").joinpath("data", "places.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content
