"""A campaign that ran, as a rule set of ours and as a function that somebody wrote by hand.

A carpool campaign of 2022: 1 token a seat from 2 km, and 10 cents for each km from 10 to 20; six
trips a day and 150 tokens a month for a driver, a budget. As evaluated by the French register of
carpool proofs (betagouv/preuve-covoiturage, Apache-2.0); rules and figures only, in our words.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from app.rewards.language.action import Action, Codes

BUDGET = 10**9
COUNTRY = "XXXXX"
BEGIN = datetime(2021, 1, 4, 23, tzinfo=UTC)
LIMIT = {"order": 1, "time_zone": "UTC", "per": "citizen"}
RULES: dict[str, Any] = {
    "version": 2,
    "time_zone": "Europe/Paris",
    "zones": {"area": {"codes": {"country": [COUNTRY]}}},
    "conditions": [
        {
            "id": "area",
            "order": 1,
            "require": {"in_zone": {"zone": "area", "end": "either", "unknown": "fail"}},
        },
        {
            "id": "operators",
            "order": 2,
            "require": {
                "partner": {"admitted": [{"from": "2021-01-04T23:00:00Z", "ids": ["klaxit"]}]}
            },
        },
        {
            "id": "length",
            "order": 3,
            "require": {"distance_m": {"at_least": 2000, "unknown": "fail"}},
        },
        {
            "id": "proof",
            "order": 4,
            "require": {"proof_class": {"in": ["B", "C"], "unknown": "fail"}},
        },
    ],
    "tariffs": [
        {
            "id": "base",
            "order": 1,
            "bands": "cumulative",
            "steps": [
                {"from": 2000, "below": 10000, "seat_cents": 100},
                {
                    "from": 10000,
                    "per": {
                        "of": "distance_m",
                        "cents": 10,
                        "size": 1000,
                        "offset": 10000,
                        "limit": 20000,
                    },
                },
            ],
        }
    ],
    "rounding": "half_up",
    "limits_order": "in_turn",
    "limits": [
        {
            "id": "day",
            **LIMIT,
            "period": "day",
            "counts": "actions",
            "most": 6,
            "at_limit": "refuse",
        },
        {
            "id": "month",
            **LIMIT,
            "order": 2,
            "period": "month",
            "counts": "cents",
            "most": 15000,
            "at_limit": "cut",
        },
        {
            "id": "programme",
            **LIMIT,
            "order": 3,
            "per": "programme",
            "period": "always",
            "counts": "cents",
            "most": BUDGET,
            "at_limit": "cut",
        },
    ],
}


def by_hand(trip: Action, counters: dict[tuple[str, str, int], int]) -> tuple[int, int, str]:
    """Amounts before and after the limits and who cut, with the same counters."""
    if trip.start.get("country") != COUNTRY and trip.end.get("country") != COUNTRY:
        return 0, 0, "area"
    if trip.partner != "klaxit" or trip.at < BEGIN:
        return 0, 0, "operators"
    if trip.distance_m is None or trip.distance_m < 2000:
        return 0, 0, "length"
    if trip.proof_class not in ("B", "C"):
        return 0, 0, "proof"
    hundredths = 10000
    if trip.distance_m > 10000:
        hundredths += min(trip.distance_m, 20000) - 10000
    before = ((trip.seats or 1) * hundredths + 50) // 100
    return limited(trip, before, counters)


def limited(
    trip: Action, before: int, counters: dict[tuple[str, str, int], int]
) -> tuple[int, int, str]:
    """By hand too."""
    driver, cents, by = trip.citizen or "", before, ""
    day = ("day", driver, trip.at.toordinal())
    trips = counters.get(day, 0)
    if trips >= 6:
        return before, 0, "day"
    counters[day] = trips + 1
    for key, most in (
        (("month", driver, trip.at.year * 12 + trip.at.month - 1), 15000),
        (("programme", "", 0), BUDGET),
    ):
        spent = counters.get(key, 0)
        if spent >= most:
            return before, 0, key[0]
        if spent + cents > most:
            cents, by = most - spent, key[0]
        counters[key] = spent + cents
    return before, cents, by


def history(
    trips: int, *, drivers: int | None = None, every: int | None = None
) -> Iterator[Action]:
    """In time order, the same each time; about nine in ten earn something.

    `every`: seconds between two, at most; unless said, two months hold all of them.
    """
    chance, at = random.Random(22), datetime(2022, 12, 7, tzinfo=UTC)
    here: Codes = {"country": COUNTRY, "com": "34088"}
    abroad: Codes = {"country": "YYYYY"}
    drivers, every = drivers or max(4, trips // 40), every or 5_000_000 // trips + 1
    for _ in range(trips):
        at += timedelta(seconds=chance.randrange(1, every + 1))
        yield Action(
            at=at,
            citizen=f"driver-{chance.randrange(drivers)}",
            other=f"passenger-{chance.randrange(drivers)}",
            distance_m=chance.randrange(1500, 40000),
            seats=chance.choice((1, 1, 1, 2, 3)),
            partner="klaxit" if chance.random() < 0.97 else "other",
            proof_class=chance.choice("BCCCCCCCCCCCCCCCCCCCCA"),
            start=here if chance.random() < 0.95 else abroad,
            end=here if chance.random() < 0.95 else abroad,
        )
