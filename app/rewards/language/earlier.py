"""Rule sets of version 1 in the general language: the same amounts, caps and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Entry = dict[str, Any]
_SPANS = ("day", "month")
_EVERYBODY = "*"


def from_version_1(rules: Mapping[str, Any], time_zone: str) -> Entry:
    """Of rules whose form was checked; `time_zone` is the programme's."""
    return {
        "version": 2,
        "time_zone": time_zone,
        "conditions": _conditions(rules),
        "tariffs": [_tariff(rate, order) for order, rate in enumerate(rules["rates"], 1)],
        "rounding": "down",
        "limits": [
            _limit(cap, order, time_zone) for order, cap in enumerate(_in_order(rules["caps"]), 1)
        ],
    }


def _conditions(rules: Mapping[str, Any]) -> list[Entry]:
    types = [rate["action_type"] for rate in rules["rates"]]
    age = {"days": rules["max_age_days"], "unknown": "fail"}
    found: list[Entry] = [
        {"id": "rewarded", "require": {"action_type": {"in": types}} if types else {"any": []}},
        {"id": "proof", "require": {"proof_level": {"in": list(rules["proof_levels"])}}},
        {"id": "age", "require": {"recorded_within": age}},
    ]
    return [{"order": order, **entry} for order, entry in enumerate(found, 1)]


def _tariff(rate: Mapping[str, Any], order: int) -> Entry:
    step: Entry = {}
    if "cents_per_action" in rate:
        step["fixed_cents"] = rate["cents_per_action"]
    else:
        each = rate["cents_per_unit"]
        step["per"] = {"of": "quantity", "cents": each["numerator"], "size": each["denominator"]}
        step["per"]["max_cents"] = rate["max_cents_per_action"]
        step["times_seats"] = False
    return {
        "id": f"rate-{rate['action_type']}",
        "order": order,
        "when": {"action_type": {"in": [rate["action_type"]]}},
        "bands": "cumulative",
        "measure": "quantity",
        "steps": [step],
    }


def _in_order(caps: list[Entry]) -> list[Entry]:
    """As version 1 took them: the shorter span first, the lower cap first."""
    return sorted(caps, key=lambda cap: (_SPANS.index(cap["span"]), cap["cents"]))


def _limit(cap: Mapping[str, Any], order: int, time_zone: str) -> Entry:
    level, span = cap["level"], cap["span"]
    when = {} if level == _EVERYBODY else {"when": {"identity_level": {"in": [level]}}}
    return {
        "id": f"cap-{span}-{'all' if level == _EVERYBODY else level}",
        "order": order,
        **when,
        "per": "citizen",
        "period": span,
        "counts": "cents",
        "most": cap["cents"],
        "counter": f"citizen-{span}",
        "time_zone": time_zone,
        "at_limit": "cut",
    }
