"""What can be done for the city, and what it is worth: action types, factors, indicators.

An action type *contributes to* an indicator, never measures it. Entries are never changed, a
new version is added beside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any, Self

from app.impact.canonical import hash_json
from app.impact.entries import (
    METRICS,
    PROOF_LEVEL_NUMBERS,
    ActionType,
    Co2eRule,
    Contribution,
    Factor,
    Indicator,
    Metric,
    Source,
    Texts,
    UnknownActionTypeError,
)
from app.impact.reading import read_action_type, read_factors, read_indicators

__all__ = [
    "METRICS",
    "PROOF_LEVEL_NUMBERS",
    "ActionType",
    "Catalogue",
    "Co2eRule",
    "Contribution",
    "Factor",
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
        factors: Mapping[str, Factor],
        indicators: Mapping[str, Indicator],
        factors_hash: bytes,
    ) -> None:
        self.factors = factors
        self.indicators = indicators
        self.factors_hash = factors_hash  # 32 bytes: keccak of the canonical factor file
        self._by_id: dict[str, dict[int, ActionType]] = {}
        self._ids: dict[int, str] = {}
        for entry in action_types:
            self._add(entry)

    @classmethod
    def load(cls) -> Self:
        """Read the data files of this package. Raises ValueError where they contradict."""
        factor_file = _file("factors.json")
        factors = read_factors(factor_file)
        indicators = read_indicators(_file("indicators.json"))
        entries = _file("action_types.json")["action_types"]
        action_types = [read_action_type(entry, factors, indicators) for entry in entries]
        return cls(action_types, factors, indicators, hash_json(factor_file))

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
        return [self.action_type(self._ids[number]) for number in sorted(self._ids)]

    def contributing_to(self, code: str) -> list[ActionType]:
        """The action types that contribute to an indicator, by number."""
        return [
            entry
            for entry in self.action_types()
            if any(link.code == code for link in entry.indicators)
        ]

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
