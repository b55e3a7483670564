"""Invented campaign facts: neutral codes, amounts reckoned by hand."""

from __future__ import annotations

from typing import Any

from app.rewards.campaigns.checking import check
from app.rewards.campaigns.converting import convert
from app.rewards.language.loading import Vocabulary, load

HERE, THERE = {"com": "c1", "epci": "e1", "country": "F"}, {"com": "c2", "epci": "e1"}
ABROAD = {"com": "x1", "epci": "x", "country": "G"}
JOURNEY: dict[str, Any] = {
    "at": "2031-05-14T10:00:00Z",  # a Wednesday; noon in Paris
    "distance_m": 10000,
    "seats": 1,
    "operator": "one",
    "class": "C",
    "driver": "d",
    "passenger": "p",
    "passenger_adult": True,
    "start": HERE,
    "end": THERE,
}
FIXED = {"tariffs": [{"bands": "cumulative", "steps": [{"fixed_cents": 100}]}]}


def campaign(**rules: Any) -> dict[str, Any]:
    """Facts whose journeys earn 100 cents, unless the rules say otherwise."""
    return {
        "id": "invented",
        "rules": {"tz": "Europe/Paris", "amount": FIXED, **rules},
        "defaults": {"settings": {"budget_cents": 10**6}, "journey": JOURNEY},
    }


def steps(*found: dict[str, Any], bands: str = "cumulative", **amount: Any) -> dict[str, Any]:
    return {"tariffs": [{"bands": bands, "steps": list(found)}], **amount}


def differences(facts: dict[str, Any], case: dict[str, Any]) -> list[str]:
    """What comes out other than the case says, by both ways."""
    whole = {**facts, "cases": [{"name": "one", **case}]}
    rules = load(convert(whole), Vocabulary.anything()).data
    fast, slow = list(check(whole, rules)), list(check(whole, rules, explained=True))
    assert fast == slow
    return [one.sentence("en") for one in fast[0].differences]


def assert_earns(facts: dict[str, Any], *pairs: tuple[dict[str, Any], int], **case: Any) -> None:
    """Each journey its cents, in this order."""
    journeys, cents = [journey for journey, _ in pairs], [amount for _, amount in pairs]
    found = differences(facts, {"journeys": journeys, "expected_cents": cents, **case})
    assert found == []
