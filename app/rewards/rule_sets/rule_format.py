"""The form of a rule set, version 1, and what is wrong with one: JSON path, code, values.

`{"version": 1, "rates": [{"action_type", "cents_per_unit": {"numerator", "denominator"},
"max_cents_per_action"} or {"action_type", "cents_per_action"}], "caps": [{"scope": "citizen",
"span": "day"|"month", "level": "card"|"contact"|"verified"|"*", "cents"}], "proof_levels": [...],
"max_age_days"}`. Amounts are whole cents; `unit` is the action type's smallest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.impact.entries import PROOF_LEVEL_NUMBERS

FORMAT_VERSION = 1
IDENTITY_LEVELS = ("card", "contact", "verified")
SPANS = ("day", "month")
EVERYBODY = "*"
# Declared actions are counted apart and never rewarded.
PAYABLE_PROOF_LEVELS = tuple(level for level in PROOF_LEVEL_NUMBERS if level != "declared")
MOST_CENTS = 10**9

_MEMBERS = ("version", "rates", "caps", "proof_levels", "max_age_days")


@dataclass(frozen=True)
class RuleFault:
    """Something wrong at `path`. Codes: missing, unknown, not_object, not_list, not_whole_number,
    out_of_range, not_one_of, twice, either_or."""

    path: str
    code: str
    values: dict[str, Any] = field(default_factory=dict)


def rule_faults(rules: object, action_types: Collection[str]) -> list[RuleFault]:
    """Everything wrong with `rules`; nothing if it can be published."""
    if not isinstance(rules, dict):
        return [RuleFault("$", "not_object")]
    faults = list(_members(rules, "$", required=_MEMBERS))
    if faults:
        return faults
    return [
        *_number(rules["version"], "$.version", FORMAT_VERSION, FORMAT_VERSION),
        *_number(rules["max_age_days"], "$.max_age_days", 0, 366),
        *_choices(rules["proof_levels"], "$.proof_levels", PAYABLE_PROOF_LEVELS),
        *_rates(rules["rates"], action_types),
        *_caps(rules["caps"]),
    ]


def _rates(rates: object, action_types: Collection[str]) -> Iterator[RuleFault]:
    if not isinstance(rates, list):
        yield RuleFault("$.rates", "not_list")
        return
    for index, rate in enumerate(rates):
        yield from _rate(rate, f"$.rates[{index}]", action_types)
    yield from _twice(rates, "$.rates", ("action_type",))


def _rate(rate: object, path: str, action_types: Collection[str]) -> Iterator[RuleFault]:
    ways = ("cents_per_unit", "cents_per_action")
    if not isinstance(rate, dict):
        yield RuleFault(path, "not_object")
        return
    yield from _members(
        rate, path, required=("action_type",), optional=(*ways, "max_cents_per_action")
    )
    yield from _choice(rate, path, "action_type", action_types)
    if len(set(ways) & set(rate)) != 1:
        yield RuleFault(path, "either_or", {"members": list(ways)})
    if "cents_per_action" in rate:
        yield from _number(rate["cents_per_action"], f"{path}.cents_per_action", 1, MOST_CENTS)
    if "cents_per_unit" in rate:
        yield from _fraction(rate["cents_per_unit"], f"{path}.cents_per_unit")
        if "max_cents_per_action" not in rate:
            yield RuleFault(f"{path}.max_cents_per_action", "missing")
    if "max_cents_per_action" in rate:
        most = f"{path}.max_cents_per_action"
        yield from _number(rate["max_cents_per_action"], most, 1, MOST_CENTS)


def _fraction(value: object, path: str) -> Iterator[RuleFault]:
    if not isinstance(value, dict):
        yield RuleFault(path, "not_object")
        return
    parts = ("numerator", "denominator")
    yield from _members(value, path, required=parts)
    for part in parts:
        if part in value:
            yield from _number(value[part], f"{path}.{part}", 1, MOST_CENTS)


def _caps(caps: object) -> Iterator[RuleFault]:
    if not isinstance(caps, list):
        yield RuleFault("$.caps", "not_list")
        return
    for index, cap in enumerate(caps):
        path = f"$.caps[{index}]"
        if not isinstance(cap, dict):
            yield RuleFault(path, "not_object")
            continue
        yield from _members(cap, path, required=("scope", "span", "level", "cents"))
        yield from _choice(cap, path, "scope", ("citizen",))
        yield from _choice(cap, path, "span", SPANS)
        yield from _choice(cap, path, "level", (*IDENTITY_LEVELS, EVERYBODY))
        if "cents" in cap:
            yield from _number(cap["cents"], f"{path}.cents", 0, MOST_CENTS)
    yield from _twice(caps, "$.caps", ("scope", "span", "level"))


def _members(
    found: dict[str, Any], path: str, *, required: Collection[str], optional: Collection[str] = ()
) -> Iterator[RuleFault]:
    for name in required:
        if name not in found:
            yield RuleFault(f"{path}.{name}", "missing")
    for name in found:
        if name not in required and name not in optional:
            yield RuleFault(f"{path}.{name}", "unknown")


def _number(value: object, path: str, least: int, most: int) -> Iterator[RuleFault]:
    if type(value) is not int:
        yield RuleFault(path, "not_whole_number")
    elif not least <= value <= most:
        yield RuleFault(path, "out_of_range", {"least": least, "most": most})


def _choice(
    found: dict[str, Any], path: str, name: str, allowed: Collection[str]
) -> Iterator[RuleFault]:
    if name in found:
        yield from _one_of(found[name], f"{path}.{name}", allowed)


def _one_of(value: object, path: str, allowed: Collection[str]) -> Iterator[RuleFault]:
    if not isinstance(value, str) or value not in allowed:
        yield RuleFault(path, "not_one_of", {"allowed": sorted(allowed)})


def _choices(values: object, path: str, allowed: Collection[str]) -> Iterator[RuleFault]:
    if not isinstance(values, list):
        yield RuleFault(path, "not_list")
        return
    if not values:
        yield RuleFault(path, "missing")
    for index, value in enumerate(values):
        yield from _one_of(value, f"{path}[{index}]", allowed)
        if value in values[:index]:
            yield RuleFault(f"{path}[{index}]", "twice")


def _twice(entries: list[Any], path: str, names: Collection[str]) -> Iterator[RuleFault]:
    seen: list[tuple[Any, ...]] = []
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict) or any(name not in entry for name in names):
            continue
        key = tuple(entry[name] for name in names)
        if key in seen:
            yield RuleFault(f"{path}[{index}]", "twice")
        seen.append(key)
