"""Rule sets: what deeds earn, what caps leave of it, and what can't be published."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date
from importlib import resources
from random import Random
from typing import Any

import pytest

from app.identity.models import IdentityLevel
from app.impact.catalogue import Catalogue
from app.rewards.rules import (
    IDENTITY_LEVELS,
    Facts,
    InvalidRulesError,
    Line,
    RuleSet,
    Valuation,
    apply_caps,
    rule_set_hash,
    span_keys,
    validate_rules,
    value,
)

TYPES = [entry.id for entry in Catalogue.load().action_types()]
RULES: dict[str, Any] = {
    "version": 1,
    "rates": [
        {
            "action_type": "bike-trip",
            "cents_per_unit": {"numerator": 10, "denominator": 1000},
            "max_cents_per_action": 100,
        },
        {"action_type": "appliance-repair", "cents_per_action": 300},
    ],
    "caps": [
        {"scope": "citizen", "span": "month", "level": "*", "cents": 1000},
        {"scope": "citizen", "span": "day", "level": "*", "cents": 500},
        {"scope": "citizen", "span": "day", "level": "contact", "cents": 200},
    ],
    "proof_levels": ["attested", "measured"],
    "max_age_days": 3,
}
RULE_SET = RuleSet.from_json(RULES)
DAY = date(2026, 11, 23)
RIDE = Facts("bike-trip", 4_299, "m", "measured", "verified", DAY, DAY)
NOTHING = {"day": 0, "month": 0}


def _steps(valuation: Valuation) -> list[tuple[str, int]]:
    return [(line.code, line.cents) for line in valuation.lines]


def test_a_rate_is_rounded_down_to_the_cent() -> None:
    assert value(RULE_SET, RIDE).cents == 42
    assert value(RULE_SET, replace(RIDE, quantity=99)).cents == 0
    assert value(RULE_SET, replace(RIDE, quantity=100)).cents == 1


def test_an_action_brings_at_most_its_maximum() -> None:
    valuation = value(RULE_SET, replace(RIDE, quantity=25_000))
    assert _steps(valuation) == [("per_unit", 250), ("max_per_action", -150)]
    repair = replace(RIDE, action_type="appliance-repair", quantity=5, unit="item")
    assert _steps(value(RULE_SET, repair)) == [("per_action", 300)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"action_type": "walk-trip"}, "not_rewarded"),
        ({"proof_level": "declared"}, "proof_not_paid"),
        ({"deed_day": date(2026, 11, 19)}, "too_old"),
    ],
)
def test_what_earns_nothing_says_why(change: dict[str, Any], code: str) -> None:
    assert _steps(value(RULE_SET, replace(RIDE, **change))) == [(code, 0)]


def test_the_last_day_still_counts() -> None:
    assert value(RULE_SET, replace(RIDE, deed_day=date(2026, 11, 20))).cents == 42


@pytest.mark.parametrize(
    ("level", "promised", "steps"),
    [
        ("verified", {"day": 0, "month": 0}, []),
        ("verified", {"day": 480, "month": 500}, [("cap_day", -22)]),
        ("verified", {"day": 500, "month": 500}, [("cap_day", -42)]),
        ("verified", {"day": 600, "month": 990}, [("cap_day", -42)]),
        ("verified", {"day": 470, "month": 990}, [("cap_day", -12), ("cap_month", -20)]),
        ("contact", {"day": 190, "month": 190}, [("cap_day", -32)]),
        ("card", {"day": 190, "month": 970}, [("cap_month", -12)]),
    ],
)
def test_a_cap_pays_what_is_left_of_it(
    level: str, promised: dict[str, int], steps: list[tuple[str, int]]
) -> None:
    facts = replace(RIDE, identity_level=level)
    capped = apply_caps(RULE_SET, value(RULE_SET, facts), facts, promised)
    assert _steps(capped) == [("per_unit", 42), *steps]


def test_whatever_happens_the_lines_add_up_and_no_cap_is_passed() -> None:
    random = Random(3)  # noqa: S311 - examples, not secrets
    for _ in range(2_000):
        facts = replace(
            RIDE,
            action_type=random.choice(["bike-trip", "appliance-repair", "walk-trip"]),
            quantity=random.randrange(1, 60_000),
            identity_level=random.choice(IDENTITY_LEVELS),
        )
        promised = {"day": random.randrange(700), "month": random.randrange(1_200)}
        capped = apply_caps(RULE_SET, value(RULE_SET, facts), facts, promised)
        assert capped.cents == sum(line.cents for line in capped.lines) >= 0
        for cap in RULE_SET.caps_for(facts.identity_level):
            assert capped.cents == 0 or promised[cap.span] + capped.cents <= cap.cents


def test_a_counter_that_nobody_read_is_an_error() -> None:
    with pytest.raises(KeyError):
        apply_caps(RULE_SET, value(RULE_SET, RIDE), RIDE, {"day": 0})


def test_counters_follow_the_day_of_the_deed() -> None:
    assert span_keys(date(2026, 1, 5)) == {"day": "day:2026-01-05", "month": "month:2026-01"}


def test_lines_are_stored_and_read_back() -> None:
    lines = apply_caps(RULE_SET, value(RULE_SET, RIDE), RIDE, {"day": 490, "month": 0}).lines
    stored = json.loads(json.dumps([line.to_json() for line in lines]))
    assert [Line.from_json(line) for line in stored] == list(lines)


def test_the_hash_depends_on_content_alone() -> None:
    turned = dict(reversed(copy.deepcopy(RULES).items()))
    assert rule_set_hash(turned) == rule_set_hash(RULES)
    assert rule_set_hash(RULES | {"max_age_days": 4}) != rule_set_hash(RULES)


def _changed(path: list[Any], new: Any) -> dict[str, Any]:
    rules = copy.deepcopy(RULES)
    place: Any = rules
    for step in path[:-1]:
        place = place[step]
    if new is KeyError:
        del place[path[-1]]
    else:
        place[path[-1]] = new
    return rules


@pytest.mark.parametrize(
    ("path", "new", "where", "code"),
    [
        (["version"], 2, "$.version", "out_of_range"),
        (["caps"], KeyError, "$.caps", "missing"),
        (["bonus"], 1, "$.bonus", "unknown"),
        (["max_age_days"], True, "$.max_age_days", "not_whole_number"),
        (["max_age_days"], -1, "$.max_age_days", "out_of_range"),
        (["proof_levels"], [], "$.proof_levels", "missing"),
        (["proof_levels", 0], "declared", "$.proof_levels[0]", "not_one_of"),
        (["proof_levels", 1], "attested", "$.proof_levels[1]", "twice"),
        (["proof_levels", 1], {}, "$.proof_levels[1]", "not_one_of"),
        (["rates"], {}, "$.rates", "not_list"),
        (["rates", 0], 7, "$.rates[0]", "not_object"),
        (["rates", 0, "action_type"], "flying", "$.rates[0].action_type", "not_one_of"),
        (["rates", 1, "action_type"], "bike-trip", "$.rates[1]", "twice"),
        (["rates", 1, "cents_per_action"], 2.5, "$.rates[1].cents_per_action", "not_whole_number"),
        (["rates", 0, "cents_per_action"], 5, "$.rates[0]", "either_or"),
        (["rates", 1, "cents_per_action"], KeyError, "$.rates[1]", "either_or"),
        (["rates", 0, "max_cents_per_action"], KeyError, "$.rates[0].max_cents_per_action",
         "missing"),
        (["rates", 0, "cents_per_unit", "denominator"], 0, "$.rates[0].cents_per_unit.denominator",
         "out_of_range"),
        (["rates", 0, "cents_per_unit"], 1, "$.rates[0].cents_per_unit", "not_object"),
        (["caps", 0], [], "$.caps[0]", "not_object"),
        (["caps", 0, "span"], "year", "$.caps[0].span", "not_one_of"),
        (["caps", 2, "level"], "*", "$.caps[2]", "twice"),
        (["caps", 0, "cents"], -1, "$.caps[0].cents", "out_of_range"),
        (["caps", 0, "scope"], "city", "$.caps[0].scope", "not_one_of"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(path: list[Any], new: Any, where: str, code: str) -> None:
    rules = _changed(path, new)
    assert (where, code) in [(fault.path, fault.code) for fault in validate_rules(rules, TYPES)]


@pytest.mark.parametrize("rules", [None, [], "rules", {}])
def test_what_is_no_rule_set_at_all_is_refused(rules: Any) -> None:
    assert validate_rules(rules, TYPES)


def test_bad_rules_are_never_used() -> None:
    with pytest.raises(InvalidRulesError, match=r"\$\.version out_of_range"):
        RuleSet.from_json(RULES | {"version": 9})


def test_the_demo_rules_are_sound_and_safe() -> None:
    text = resources.files("app.rewards").joinpath("data", "demo_rules.json").read_text()
    rules = json.loads(text)
    assert validate_rules(rules, TYPES) == []
    rule_set = RuleSet.from_json(rules)
    most = {
        level: {cap.span: cap.cents for cap in rule_set.caps_for(level)}
        for level in IDENTITY_LEVELS
    }
    for span in NOTHING:
        assert 0 < most["card"][span] < most["contact"][span] < most["verified"][span]
    assert set(rule_set.rates) == set(TYPES)


def test_identity_levels_are_those_of_people() -> None:
    assert {level.value for level in IdentityLevel} == set(IDENTITY_LEVELS)
