"""From the data files to the catalogue's dataclasses; contradictions are errors at start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from app.impact.entries import (
    PROOF_LEVEL_NUMBERS,
    ActionType,
    Co2eRule,
    Contribution,
    Factor,
    Indicator,
    Metric,
    Source,
)

T = TypeVar("T")


def read_factors(file: Mapping[str, Any]) -> dict[str, Factor]:
    """Factors by id, each with its source."""
    sources = {key: Source(**entry) for key, entry in file["sources"].items()}
    factors = [_factor(entry, sources) for entry in file["factors"]]
    return _by_key({factor.id: factor for factor in factors}, len(factors))


def read_indicators(file: Mapping[str, Any]) -> dict[str, Indicator]:
    """Indicators by code, each with the titles of its goal and target."""
    goals = {entry["code"]: entry["title"] for entry in file["goals"]}
    targets = {entry["code"]: entry["title"] for entry in file["targets"]}
    indicators = [
        Indicator(**entry, goal_title=goals[entry["goal"]], target_title=targets[entry["target"]])
        for entry in file["indicators"]
    ]
    return _by_key({entry.code: entry for entry in indicators}, len(indicators))


def read_action_type(
    entry: Mapping[str, Any],
    factors: Mapping[str, Factor],
    indicators: Mapping[str, Indicator],
) -> ActionType:
    """One entry. Raises ValueError for what it names and nobody knows."""
    _check_action_type(entry, indicators)
    same = ("id", "number", "version", "category", "name", "unit", "metrics", "baseline")
    return ActionType(
        **{key: entry[key] for key in same},
        entry_unit=entry["entry"]["unit"],
        entry_size=entry["entry"]["size"],
        quantity_usual=entry["quantity"]["usual"],
        quantity_max=entry["quantity"]["max"],
        evidence=tuple(entry["evidence"]),
        proof_levels=tuple(entry["proof_levels"]),
        co2e=_co2e(entry, factors),
        no_co2e=entry["no_co2e"],
        indicators=tuple(Contribution(**link) for link in entry["indicators"]),
        comment=entry["comment"],
    )


def _factor(entry: Mapping[str, Any], sources: Mapping[str, Source]) -> Factor:
    if (entry["low"] is None) != (entry["high"] is None):
        raise ValueError(f"{entry['id']}: half a range")
    changed = {
        "source": sources[entry["source"]],
        "source_values": tuple(entry["source_values"]),
        "metric": Metric(entry["metric"]),
        "note": entry.get("note"),
    }
    return Factor(**{**entry, **changed})


def _co2e(entry: Mapping[str, Any], factors: Mapping[str, Factor]) -> Co2eRule | None:
    rule = entry["co2e"]
    if (rule is None) == (entry["no_co2e"] is None):
        raise ValueError(f"{entry['id']}: either CO2e or why there is none")
    if rule is None:
        return None
    action = rule["action_factor"]
    used = Co2eRule(
        metric=Metric(rule["metric"]),
        baseline=factors[rule["baseline_factor"]],
        action=None if action is None else factors[action],
    )
    units = {factor.metric for factor in (used.baseline, used.action) if factor is not None}
    if units != {used.metric} or used.metric.value not in entry["metrics"]:
        raise ValueError(f"{entry['id']}: factors of another metric")
    return used


def _check_action_type(entry: Mapping[str, Any], indicators: Mapping[str, Indicator]) -> None:
    bounds = entry["quantity"]
    known = {metric.value for metric in Metric}
    faults = {
        "metric": set(entry["metrics"]) - known or not entry["metrics"],
        "proof level": set(entry["proof_levels"]) - set(PROOF_LEVEL_NUMBERS),
        "indicator": {link["code"] for link in entry["indicators"]} - set(indicators),
        "relation": {link["relation"] for link in entry["indicators"]} - {"contributes-to"},
        "bounds": not 0 < bounds["usual"] <= bounds["max"] < 2**63,
        "number": not 0 < entry["number"] < 2**32 or not 0 < entry["version"] < 2**16,
    }
    found = [name for name, fault in faults.items() if fault]
    if found:
        raise ValueError(f"{entry['id']}: {', '.join(found)}")


def _by_key(found: dict[str, T], count: int) -> dict[str, T]:
    if len(found) != count:
        raise ValueError("an id is there twice")
    return found
