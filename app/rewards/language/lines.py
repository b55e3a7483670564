"""An explanation as data: ordered lines whose cents add up, exactly, to what is paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Self

from app.rewards.language.exact import fraction, written


@dataclass(frozen=True)
class Line:
    """One step. `rule`: the id of the entry; `words.sentence` puts it in words."""

    rule: str
    code: str
    cents: Fraction
    values: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "code": self.code,
            "cents": written(self.cents),
            "values": dict(self.values),
        }

    def for_owner(self) -> Self:
        """As whose deed it is may read it: that another's limit is reached, and not by how much
        they took part."""
        if self.values.get("per") != "other":
            return self
        return replace(self, values={k: v for k, v in self.values.items() if k != "count"})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["rule"], data["code"], fraction(data["cents"]), data["values"])


@dataclass(frozen=True)
class Decision:
    """A `Result` and why. The lines add up to `cents`, also where nothing is paid."""

    before: int | None
    cents: int
    by: tuple[str, ...]
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        if sum(line.cents for line in self.lines) != self.cents:
            raise ArithmeticError(f"the lines don't add up to {self.cents}: {self.lines}")


def nothing(rule: str, code: str, **values: Any) -> Line:
    return Line(rule, code, Fraction(0), values)
