"""From the data files to the catalogue's dataclasses; contradictions are errors at start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, TypeVar

from app.impact.entries import (
    GENERAL_RULE,
    GOAL_ONLY,
    PROOF_LEVEL_NUMBERS,
    PUBLISHED,
    RELATIONS,
    ActionType,
    Co2eRule,
    Contribution,
    Factor,
    Factors,
    Goal,
    Indicator,
    Metric,
    Range,
    Source,
    Target,
    Texts,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Framework:
    """The goals, and those targets and indicators that our action types touch."""

    goals: Mapping[str, Goal]
    targets: Mapping[str, Target]
    indicators: Mapping[str, Indicator]


def read_factors(file: Mapping[str, Any]) -> Factors:
    """Factors by id, each with its source, its versions in order and without a gap."""
    sources = {key: Source(**entry) for key, entry in file["sources"].items()}
    versions: dict[str, list[Factor]] = defaultdict(list)
    for entry in file["factors"]:
        versions[entry["id"]].append(_factor(entry, sources))
    return {name: _series(name, found) for name, found in versions.items()}


def read_framework(file: Mapping[str, Any]) -> Framework:
    """By code; each indicator with the titles of its goal and target."""
    goals = {entry["code"]: Goal(**entry) for entry in file["goals"]}
    targets = {entry["code"]: Target(**entry) for entry in file["targets"]}
    indicators = [
        Indicator(
            **entry,
            goal_title=goals[entry["goal"]].title,
            target_title=targets[entry["target"]].title,
        )
        for entry in file["indicators"]
    ]
    known = _by_key({entry.code: entry for entry in indicators}, len(indicators))
    return Framework(goals, targets, known)


def read_action_type(
    entry: Mapping[str, Any],
    said_by: Mapping[str, Texts],
    factors: Factors,
    known: Framework,
) -> ActionType:
    """One entry. Raises ValueError for what it names and nobody knows."""
    _check_action_type(entry, said_by, known)
    same = ("id", "number", "version", "category", "name", "unit", "metrics", "baseline")
    return ActionType(
        **{key: entry[key] for key in same},
        entry_unit=entry["entry"]["unit"],
        entry_size=entry["entry"]["size"],
        quantity_usual=entry["quantity"]["usual"],
        quantity_max=entry["quantity"]["max"],
        evidence=tuple(entry["evidence"]),
        proof_levels=tuple(entry["proof_levels"]),
        baseline_source=said_by[entry["baseline_said_by"]],
        co2e=_co2e(entry, factors),
        no_co2e=entry["no_co2e"],
        indicators=tuple(Contribution(**link) for link in entry["indicators"]),
        comment=entry["comment"],
    )


def _factor(entry: Mapping[str, Any], sources: Mapping[str, Source]) -> Factor:
    if type(entry["micrograms_per_unit"]) is not int:
        raise ValueError(f"{entry['id']}: micrograms_per_unit is no whole number")
    until = entry["valid_to"]
    changed = {
        "source": sources[entry["source"]],
        "source_values": tuple(entry["source_values"]),
        "metric": Metric(entry["metric"]),
        "range": _range(entry),
        "valid_from": date.fromisoformat(entry["valid_from"]),
        "valid_to": None if until is None else date.fromisoformat(until),
        "note": entry.get("note"),
    }
    return Factor(**{**entry, **changed})


def _range(entry: Mapping[str, Any]) -> Range | None:
    """Raises ValueError for bounds that nobody stands behind, and for half of them."""
    found, low, high = entry["range"], entry["low"], entry["high"]
    if not (found is None) == (low is None) == (high is None):
        raise ValueError(f"{entry['id']}: low, high and where they come from go together")
    if found is None:
        return None
    made = Range(found["kind"], found["source"], found.get("rule"))
    if made.kind not in (PUBLISHED, GENERAL_RULE) or not made.source:
        raise ValueError(f"{entry['id']}: a range without a source")
    if (made.kind == GENERAL_RULE) != bool(made.rule):
        raise ValueError(f"{entry['id']}: a general rule is named, and only such a rule")
    if not low <= entry["micrograms_per_unit"] <= high:
        raise ValueError(f"{entry['id']}: outside its own range")
    return made


def _series(name: str, found: list[Factor]) -> tuple[Factor, ...]:
    """Versions in order. Raises ValueError unless each ends the day before the next begins."""
    ordered = tuple(sorted(found, key=lambda factor: factor.valid_from))
    tomorrow = timedelta(days=1)
    whole_months = all(
        factor.valid_from.day == 1
        and (factor.valid_to is None or (factor.valid_to + tomorrow).day == 1)
        for factor in ordered
    )
    joined = all(
        one.valid_to is not None and one.valid_to + tomorrow == other.valid_from
        for one, other in pairwise(ordered)
    )
    if not whole_months or not joined:
        raise ValueError(f"{name}: versions leave a gap, overlap, or change within a month")
    if len({factor.metric for factor in ordered}) > 1 or len(
        {factor.version for factor in ordered}
    ) != len(ordered):
        raise ValueError(f"{name}: two metrics, or a version twice")
    return ordered


def _co2e(entry: Mapping[str, Any], factors: Factors) -> Co2eRule | None:
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
    units = {factor.metric for factor in (*used.baseline, *(used.action or ()))}
    if units != {used.metric} or used.metric.value not in entry["metrics"]:
        raise ValueError(f"{entry['id']}: factors of another metric")
    return used


def _check_action_type(
    entry: Mapping[str, Any], said_by: Mapping[str, Texts], known: Framework
) -> None:
    bounds = entry["quantity"]
    metrics = {metric.value for metric in Metric}
    faults = {
        "metric": set(entry["metrics"]) - metrics or not entry["metrics"],
        "proof level": set(entry["proof_levels"]) - set(PROOF_LEVEL_NUMBERS),
        "indicator": not all(_is_known(link, known) for link in entry["indicators"]),
        "relation": {link["relation"] for link in entry["indicators"]} - set(RELATIONS),
        "baseline_said_by": entry["baseline_said_by"] not in said_by,
        "bounds": not 0 < bounds["usual"] <= bounds["max"] < 2**63,
        "number": not 0 < entry["number"] < 2**32 or not 0 < entry["version"] < 2**16,
    }
    found = [name for name, fault in faults.items() if fault]
    if found:
        raise ValueError(f"{entry['id']}: {', '.join(found)}")


def _is_known(link: Mapping[str, Any], known: Framework) -> bool:
    if link["relation"] == GOAL_ONLY:
        return link["code"] in known.goals or link["code"] in known.targets
    return link["code"] in known.indicators


def _by_key(found: dict[str, T], count: int) -> dict[str, T]:
    if len(found) != count:
        raise ValueError("an id is there twice")
    return found
