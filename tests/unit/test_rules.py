"""Rule sets: what deeds earn, what caps leave of it, and what can't be published."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.identity.models import IdentityLevel
from app.impact.catalogue import Catalogue
from app.rewards.language.action import Action
from app.rewards.language.explaining import explain
from app.rewards.language.faults import InvalidRulesError
from app.rewards.language.lines import Decision
from app.rewards.language.taken import takes
from app.rewards.rule_sets.published import checked, general, rule_set_hash, ruling
from app.rewards.rule_sets.rule_cautions import programme_cautions
from app.rewards.rule_sets.rule_format import IDENTITY_LEVELS, SPANS
from app.rewards.rule_sets.rule_format import rule_faults as validate_rules
from app.rewards.rule_sets.safe_rules import safe_rules

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
DAY = datetime(2026, 11, 23, 11, tzinfo=UTC)
RIDE = Action(
    at=DAY,
    citizen="a",
    action_type="bike-trip",
    quantity=4_299,
    unit="m",
    proof_level="measured",
    identity_level="verified",
    recorded_at=DAY,
)
RULING = ruling(RULES, "Europe/Paris", TYPES)


def _told(action: Action, day: int = 0, month: int = 0) -> Decision:
    """After so much that was promised already."""
    held = {"citizen-day": day, "citizen-month": month}
    counters = {key: held[key[0]] for key in RULING.program.keys(action)}
    return explain(RULING.program, action, counters)


def _steps(decision: Decision) -> list[tuple[str, int]]:
    return [(line.rule, int(line.cents)) for line in decision.lines]


def test_a_rate_is_rounded_down_to_the_cent() -> None:
    assert _told(RIDE).cents == 42
    assert _told(replace(RIDE, quantity=99)).cents == 0
    assert _told(replace(RIDE, quantity=100)).cents == 1


def test_an_action_brings_at_most_its_maximum() -> None:
    decision = _told(replace(RIDE, quantity=25_000))
    assert _steps(decision) == [("rate-bike-trip", 100)]
    assert decision.lines[0].values["max_cents"] == 100
    repair = replace(RIDE, action_type="appliance-repair", quantity=5, unit="item")
    assert _told(repair).before == 300


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"action_type": "walk-trip"}, "rewarded"),
        ({"proof_level": "declared"}, "proof"),
        ({"at": datetime(2026, 11, 19, 22, 59, tzinfo=UTC)}, "age"),
    ],
)
def test_what_earns_nothing_says_why(change: dict[str, Any], rule: str) -> None:
    assert _steps(_told(replace(RIDE, **change))) == [(rule, 0)]


def test_the_last_day_still_counts() -> None:
    assert _told(replace(RIDE, at=datetime(2026, 11, 19, 23, tzinfo=UTC))).cents == 42


@pytest.mark.parametrize(
    ("level", "day", "month", "cuts"),
    [
        ("verified", 0, 0, []),
        ("verified", 480, 500, [("cap-day-all", -22)]),
        ("verified", 500, 500, [("cap-day-all", -42)]),
        ("verified", 600, 990, [("cap-day-all", -42)]),
        ("verified", 470, 990, [("cap-day-all", -12), ("cap-month-all", -20)]),
        ("contact", 190, 190, [("cap-day-contact", -32)]),
        ("card", 190, 970, [("cap-month-all", -12)]),
    ],
)
def test_a_cap_pays_what_is_left_of_it(
    level: str, day: int, month: int, cuts: list[tuple[str, int]]
) -> None:
    decision = _told(replace(RIDE, identity_level=level), day, month)
    assert decision.before == 42
    found = [step for step in _steps(decision) if step[0].startswith("cap-")]
    assert found == cuts
    assert decision.cents == 42 + sum(cut for _, cut in cuts)
    assert list(decision.by) == [rule for rule, _ in cuts]


def test_counters_follow_the_day_of_the_deed() -> None:
    night = replace(RIDE, at=datetime(2026, 1, 4, 23, 30, tzinfo=UTC))
    labels = {RULING.program.label(key) for key in RULING.program.keys(night)}
    assert labels == {("citizen-day", "a", "2026-01-05"), ("citizen-month", "a", "2026-01")}


def test_recording_takes_what_the_rules_may_pay() -> None:
    assert RULING.action_types == {"bike-trip", "appliance-repair"}
    assert RULING.max_age_days == 3
    wide = general(RULES, "UTC").data | {"conditions": []}
    assert ruling(wide, "UTC", TYPES).max_age_days == 366
    anything = [{"id": "any", "order": 1, "bands": "cumulative", "steps": [{"fixed_cents": 1}]}]
    assert ruling(wide | {"tariffs": anything}, "UTC", TYPES).action_types == set(TYPES)
    not_rides = {"id": "no", "order": 1, "exclude": {"action_type": {"in": ["bike-trip"]}}}
    without = ruling(wide | {"conditions": [not_rides], "tariffs": anything}, "UTC", TYPES)
    assert without.action_types == set(TYPES) - {"bike-trip"}


def test_a_programme_may_use_all_of_the_language() -> None:
    data = general(RULES, "Europe/Paris").data
    for more in ({}, {"negative": "allowed"}, {"outside": {"calendars": ["holidays"]}}):
        assert checked(data | more, TYPES) == data | more


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
    with pytest.raises(InvalidRulesError, match=r"\$\.version"):
        general(RULES | {"version": 9}, "UTC")


def test_the_demo_rules_are_sound_and_safe() -> None:
    rules = safe_rules("Europe/Paris")
    assert checked(rules, TYPES) == rules
    assert [one.code for one in programme_cautions(rules)] == ["no_budget"]
    most = {limit["id"]: limit["most"] for limit in rules["limits"]}
    for span in SPANS:
        card, contact, verified = (most[f"cap-{span}-{level}"] for level in IDENTITY_LEVELS)
        assert 0 < card < contact < verified
    assert all(takes(rules, kind) for kind in TYPES)


def test_whoever_is_known_less_and_gets_more_is_warned_of() -> None:
    rules = safe_rules("Europe/Paris")
    by_id = {limit["id"]: limit for limit in rules["limits"]}
    by_id["cap-day-card"]["most"] = 301
    (found,) = (one for one in programme_cautions(rules) if one.code == "known_less")
    assert (found.path, found.values) == ("$.limits[0]", {"other": "cap-day-contact"})
    del rules["limits"][0]
    assert "no_citizen_limit" not in [one.code for one in programme_cautions(rules)], "a month"
    rules["limits"] = [one for one in rules["limits"] if not one["id"].endswith("-card")]
    assert "no_citizen_limit" in [one.code for one in programme_cautions(rules)]


def test_identity_levels_are_those_of_people() -> None:
    assert {level.value for level in IdentityLevel} == set(IDENTITY_LEVELS)
