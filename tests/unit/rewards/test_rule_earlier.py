"""Version 1 in the general language: the same amounts after any history, and the same counters."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import resources
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.impact.catalogue import catalogue
from app.rewards import rules as earlier
from app.rewards.language import periods
from app.rewards.language.action import Action
from app.rewards.language.compiling import compile_rules
from app.rewards.language.counting import Key
from app.rewards.language.earlier import from_version_1
from app.rewards.language.explaining import explain
from app.rewards.language.loading import Vocabulary, load
from app.rewards.rule_format import IDENTITY_LEVELS, PAYABLE_PROOF_LEVELS

ZONE = "Europe/Paris"
TYPES = {entry.id: entry for entry in catalogue().action_types()}
KNOWN = Vocabulary(frozenset(TYPES), frozenset(PAYABLE_PROOF_LEVELS), frozenset(IDENTITY_LEVELS))
DEMO: dict[str, Any] = json.loads(
    resources.files("app.rewards").joinpath("data/demo_rules.json").read_text("utf-8")
)
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


def valued(rules: earlier.RuleSet, one: Action, promised: dict[tuple[str, str], int]) -> int:
    """As version 1 does it, with its counters."""
    assert one.recorded_at is not None
    day, recorded = (at.astimezone(ZoneInfo(ZONE)).date() for at in (one.at, one.recorded_at))
    facts = earlier.Facts(
        action_type=one.action_type or "",
        quantity=one.quantity or 0,
        unit="m",
        proof_level=one.proof_level or "",
        identity_level=one.identity_level or "",
        deed_day=day,
        recorded_day=recorded,
    )
    keys = {span: (one.citizen or "", key) for span, key in earlier.span_keys(day).items()}
    spent = {span: promised.get(key, 0) for span, key in keys.items()}
    cents = earlier.apply_caps(rules, earlier.value(rules, facts), facts, spent).cents
    for key in keys.values():
        promised[key] = promised.get(key, 0) + cents
    return cents


@pytest.mark.parametrize("rules", [DEMO, FOR_ALL], ids=["demo", "with a cap for all"])
def test_the_same_amounts_and_counters(rules: dict[str, Any]) -> None:
    old, made = earlier.RuleSet.from_json(rules), load(from_version_1(rules, ZONE), KNOWN)
    program, chance = compile_rules(made.data), Random(7)  # noqa: S311 - the same each time
    promised: dict[tuple[str, str], int] = {}
    counters: dict[Key, int] = {}
    slow: dict[Key, int] = {}
    earned = 0
    for kind in list(TYPES) * 40:
        one = drawn(chance, kind)
        expected = valued(old, one, promised)
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
