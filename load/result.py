"""One measured line of build/bench.json: a value beside its baseline of the same run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Result:
    """`ratio` is what `target` is about; None where nothing is promised."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    target: str | None = None
    holds: bool | None = None


def at_least(name: str, value: float, baseline: float, unit: str, target: float) -> Result:
    """Value over baseline, the more the better."""
    return _promised(
        beside(name, value, unit, baseline), value / baseline, f">= {target:g}", target, most=False
    )


def at_most(name: str, value: float, baseline: float, unit: str, target: float) -> Result:
    """Value over baseline, the less the better."""
    return _promised(
        beside(name, value, unit, baseline), value / baseline, f"<= {target:g}", target, most=True
    )


def times_less(name: str, value: float, baseline: float, unit: str, target: float) -> Result:
    """Baseline over value: how many times less."""
    words = f">= {target:g} times less"
    return _promised(
        beside(name, value, unit, baseline), baseline / value, words, target, most=False
    )


def beside(name: str, value: float, unit: str, baseline: float | None = None) -> Result:
    """A figure that nothing is promised about."""
    ratio = None if baseline is None else _round(value / baseline)
    shown = None if baseline is None else _round(baseline)
    return Result(name, _round(value), unit, shown, ratio)


def write(results: Sequence[Result], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in results], indent=2) + "\n", "utf-8")


def table(results: Sequence[Result]) -> str:
    """For people: a line each, in columns."""
    head = ("", "measured", "baseline", "unit", "ratio", "target", "")
    rows = [head, *(_cells(one) for one in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(_line(row, widths) for row in rows)


def _promised(one: Result, ratio: float, words: str, target: float, *, most: bool) -> Result:
    holds = ratio <= target if most else ratio >= target
    return replace(one, ratio=_round(ratio), target=words, holds=holds)


def _cells(one: Result) -> tuple[str, ...]:
    verdict = {None: "", True: "holds", False: "MISSED"}[one.holds]
    numbers = (_number(one.value), _number(one.baseline))
    return (one.name, *numbers, one.unit, _number(one.ratio), one.target or "", verdict)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    numeric = (1, 2, 4)
    cells = (
        cell.rjust(width) if column in numeric else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.6g}" if value < 1000 else f"{value:,.0f}"


def _round(value: float) -> float:
    """Four digits that mean something."""
    return float(f"{value:.4g}") if abs(value) < 1000 else round(value)
