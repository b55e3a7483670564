"""What can be done for the city, and what it is worth: action types, factors, indicators.

An action type *contributes to* an indicator, never measures it. Entries are never changed, a
new version is added beside.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any, Self

from app.impact.canonical import hash_json
from app.impact.entries import (
    GOAL_ONLY,
    METRICS,
    PROOF_LEVEL_NUMBERS,
    ActionType,
    Co2eRule,
    Contribution,
    Factor,
    Factors,
    Indicator,
    Metric,
    Source,
    Texts,
    UnknownActionTypeError,
)
from app.impact.reading import Framework, read_action_type, read_factors, read_framework
from app.typography import printed

__all__ = [
    "METRICS",
    "PROOF_LEVEL_NUMBERS",
    "ActionType",
    "Catalogue",
    "Co2eRule",
    "Contribution",
    "Factor",
    "Framework",
    "Indicator",
    "Metric",
    "Source",
    "Texts",
    "UnknownActionTypeError",
]


class Catalogue:
    """All action types, factors and indicators; immutable once loaded."""

    def __init__(
        self,
        action_types: Iterable[ActionType],
        factors: Factors,
        framework: Framework,
        factors_hash: bytes,
    ) -> None:
        self.factors = factors
        self.goals = framework.goals
        self.targets = framework.targets
        self.indicators = framework.indicators
        self.factors_hash = factors_hash  # 32 bytes: keccak of the canonical factor file
        self._by_id: dict[str, dict[int, ActionType]] = {}
        self._ids: dict[int, str] = {}
        for entry in action_types:
            self._add(entry)
        # Asked many times a page, and nothing is added any more.
        self._latest = [self.action_type(self._ids[number]) for number in sorted(self._ids)]
        self._same = self._repeated()
        self._serving = {
            goal: [entry for entry in self._latest if goal in self.goals_of(entry)]
            for goal in self.goals
        }

    @classmethod
    def load(cls, factors: Factors | None = None) -> Self:
        """Read the data files of this package, with other factors if some are given.

        Raises ValueError where they contradict.
        """
        factor_file = _file("factors.json")
        used = read_factors(printed(factor_file)) if factors is None else factors
        framework = read_framework(printed(_file("indicators.json")))
        types = printed(_file("action_types.json"))
        action_types = [
            read_action_type(entry, types["baselines_said_by"], used, framework)
            for entry in types["action_types"]
        ]
        return cls(action_types, used, framework, hash_json(factor_file))

    def factor(self, full_name: str) -> Factor:
        """By `id@version`. Raises LookupError."""
        name, _, version = full_name.partition("@")
        for factor in self.factors.get(name, ()):
            if factor.version == version:
                return factor
        raise LookupError(full_name)

    def action_type(self, slug: str, version: int | None = None) -> ActionType:
        """That version, or the latest. Raises UnknownActionTypeError."""
        versions = self._by_id.get(slug, {})
        wanted = max(versions, default=0) if version is None else version
        if wanted not in versions:
            raise UnknownActionTypeError(f"{slug} version {version or 'latest'}")
        return versions[wanted]

    def by_number(self, number: int, version: int | None = None) -> ActionType:
        """By the number that stands on the chain. Raises UnknownActionTypeError."""
        if number not in self._ids:
            raise UnknownActionTypeError(f"number {number}")
        return self.action_type(self._ids[number], version)

    def action_types(self) -> list[ActionType]:
        """The latest version of each, by number."""
        return list(self._latest)

    def same_as(self, code: str) -> tuple[str, ...]:
        """The codes under which the framework repeats one indicator, this one's among them."""
        return self._same[code]

    @staticmethod
    def in_order(codes: Iterable[str]) -> list[str]:
        """6.4.1 before 11.2.1: by number, not by letter."""
        return sorted(
            codes, key=lambda code: [int(p) if p.isdecimal() else 99 for p in code.split(".")]
        )

    def codes_of(self, entry: ActionType) -> frozenset[str]:
        """Every code under which an action type contributes to indicators."""
        links = [link.code for link in entry.indicators if link.relation != GOAL_ONLY]
        return frozenset(same for code in links for same in self.same_as(code))

    def contributing_to(self, code: str) -> list[ActionType]:
        """The action types that contribute to an indicator, by number, whatever its code."""
        return [entry for entry in self._latest if code in self.codes_of(entry)]

    def serving(self, goal: str) -> list[ActionType]:
        """The action types that reach a goal, through an indicator or alone, by number."""
        return list(self._serving[goal])

    def goals_of(self, entry: ActionType) -> frozenset[str]:
        """Those of its own links, and those where the same indicators stand once more."""
        return entry.goals | {self.indicators[code].goal for code in self.codes_of(entry)}

    def _repeated(self) -> dict[str, tuple[str, ...]]:
        """For each code all codes of the same indicator, in order."""
        found: dict[str, list[str]] = defaultdict(list)
        for one in self.indicators.values():
            found[one.unsd_code].append(one.code)
        same = {key: tuple(self.in_order(codes)) for key, codes in found.items()}
        return {one.code: same[one.unsd_code] for one in self.indicators.values()}

    def _add(self, entry: ActionType) -> None:
        versions = self._by_id.setdefault(entry.id, {})
        if entry.version in versions or self._ids.get(entry.number, entry.id) != entry.id:
            raise ValueError(f"{entry.id}: version {entry.version} or number {entry.number} twice")
        if any(other.number != entry.number for other in versions.values()):
            raise ValueError(f"{entry.id} has two numbers")
        versions[entry.version] = entry
        self._ids[entry.number] = entry.id


def _file(name: str) -> Any:
    text = resources.files("app.impact").joinpath("data", name).read_text(encoding="utf-8")
    return json.loads(text)


@cache
def catalogue() -> Catalogue:
    """The catalogue of this installation, read once per process."""
    return Catalogue.load()
