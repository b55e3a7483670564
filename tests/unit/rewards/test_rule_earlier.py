"""Version 1 in the general language: the same amounts after any history, and the same counters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.impact.catalogue import catalogue
from app.rewards.language import periods
from app.rewards.language.action import Action
from app.rewards.language.compiling import compile_rules
from app.rewards.language.counting import Key
from app.rewards.language.earlier import from_version_1
from app.rewards.language.explaining import explain
from app.rewards.language.loading import Vocabulary, load
from app.rewards.rule_sets.rule_format import IDENTITY_LEVELS, PAYABLE_PROOF_LEVELS
from tests.support.city import RULES

ZONE = "Europe/Paris"
TYPES = {entry.id: entry for entry in catalogue().action_types()}
KNOWN = Vocabulary(frozenset(TYPES), frozenset(PAYABLE_PROOF_LEVELS), frozenset(IDENTITY_LEVELS))
DEMO: dict[str, Any] = RULES
FOR_ALL = {
    **DEMO,
    "rates": DEMO["rates"][:6],
    "caps": [*DEMO["caps"], {"scope": "citizen", "span": "day", "level": "*", "cents": 210}],
}


def drawn(chance: Random, kind: str) -> Action:
    at = datetime(2031, 3, 29, 20, tzinfo=UTC) + timedelta(minutes=chance.randrange(4000))
    return Action(
        at=at,
        citizen=chance.choice("ab"),
        action_type=kind,
        quantity=chance.choice((0, 1, 999, 1000, chance.randrange(20000))),
        proof_level=chance.choice((*PAYABLE_PROOF_LEVELS, "declared")),
        identity_level=chance.choice(IDENTITY_LEVELS),
        recorded_at=at + timedelta(hours=chance.choice((0, 0, 5, 165, 200))),
        seats=3,
    )


def valued(rules: dict[str, Any], one: Action, promised: dict[tuple[str, str], int]) -> int:
    """As version 1 is meant, written down once more: its rates, its caps, its counters."""
    assert one.recorded_at is not None
    day, recorded = (at.astimezone(ZoneInfo(ZONE)).date() for at in (one.at, one.recorded_at))
    keys = {"day": f"day:{day}", "month": f"month:{day:%Y-%m}"}
    cents = 0
    late = (recorded - day).days > rules["max_age_days"]
    if one.proof_level in rules["proof_levels"] and not late:
        cents = sum(_rated(rate, one) for rate in rules["rates"])
    for cap in rules["caps"]:
        if cap["level"] in (one.identity_level, "*"):
            left = cap["cents"] - promised.get((one.citizen or "", keys[cap["span"]]), 0)
            cents = min(cents, max(0, left))
    for span in keys.values():
        key = (one.citizen or "", span)
        promised[key] = promised.get(key, 0) + cents
    return cents


def _rated(rate: dict[str, Any], one: Action) -> int:
    if rate["action_type"] != one.action_type:
        return 0
    if "cents_per_action" in rate:
        return int(rate["cents_per_action"])
    each = rate["cents_per_unit"]
    cents = (one.quantity or 0) * each["numerator"] // each["denominator"]
    return int(min(cents, rate["max_cents_per_action"]))


@pytest.mark.parametrize("rules", [DEMO, FOR_ALL], ids=["demo", "with a cap for all"])
def test_the_same_amounts_and_counters(rules: dict[str, Any]) -> None:
    made = load(from_version_1(rules, ZONE), KNOWN)
    program, chance = compile_rules(made.data), Random(7)  # noqa: S311 - the same each time
    promised: dict[tuple[str, str], int] = {}
    counters: dict[Key, int] = {}
    slow: dict[Key, int] = {}
    earned = 0
    for kind in list(TYPES) * 40:
        one = drawn(chance, kind)
        expected = valued(rules, one, promised)
        assert program.decide(one, counters).cents == expected
        assert explain(program, one, slow).cents == expected
        earned += expected > 0
    assert earned > 40
    counted = {
        (
            who,
            f"{name.removeprefix('citizen-')}:{periods.label(name.removeprefix('citizen-'), n)}",
        ): v
        for (name, who, n), v in counters.items()
    }
    assert counted == {key: value for key, value in promised.items() if value}
    assert slow == counters
