"""How a case came out: what differs from what it expects, and why each journey got what it did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.rewards.language.lines import Line
from app.rewards.language.words import sentences

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "amount": "journey {journey}, amount",
        "before_limits": "journey {journey}, amount before limits",
        "counter": "counter {counter}",
        "instead": "{place}: expected {expected}, got {got}",
    },
    "fr": {
        "amount": "trajet {journey}, montant",
        "before_limits": "trajet {journey}, montant avant plafonds",
        "counter": "compteur {counter}",
        "instead": "{place}\u00a0: attendu {expected}, obtenu {got}",
    },
}


@dataclass(frozen=True)
class Difference:
    """`what`: amount, before_limits or counter; `lines` explain the journey's amount."""

    what: str
    expected: int
    got: int
    journey: int | None = None  # from 1
    counter: str | None = None
    lines: Sequence[Line] = ()

    def sentence(self, language: str) -> str:
        words = SENTENCES[language]
        place = words[self.what].format(journey=self.journey, counter=self.counter)
        return words["instead"].format(place=place, expected=self.expected, got=self.got)

    def because(self, language: str) -> list[str]:
        return list(sentences(self.lines, language))

    def to_json(self, language: str) -> dict[str, Any]:
        names = ("what", "journey", "counter", "expected", "got")
        return {name: getattr(self, name) for name in names} | {"because": self.because(language)}


@dataclass(frozen=True)
class Outcome:
    """A case that was run; no differences when all came out as expected."""

    part: str
    name: str
    journeys: int
    disputed: bool
    differences: list[Difference] = field(default_factory=list)

    def to_json(self, language: str) -> dict[str, Any]:
        found = [one.to_json(language) for one in self.differences]
        names = ("part", "name", "journeys", "disputed")
        return {name: getattr(self, name) for name in names} | {"differences": found}


def compared(what: str, found: Sequence[int], expected: Sequence[int]) -> Iterator[Difference]:
    """Amounts, journey by journey."""
    for number, (got, wanted) in enumerate(zip(found, expected, strict=True), 1):
        if got != wanted:
            yield Difference(what, wanted, got, journey=number)
