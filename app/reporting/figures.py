"""Public figures: published cells added up by month and kind of deed. Pure.

Corrections are subtracted. Counts, quantities and tokens are the chain's; CO2e is an estimate
computed from the summed quantities with published factors, and stands apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.impact.accounting import co2e_of
from app.impact.catalogue import Catalogue
from app.impact.entries import METRICS, PROOF_LEVEL_NUMBERS


@dataclass(frozen=True, order=True)
class FigureKey:
    """Month is yyyymm of the deed; proof is the number that stands on the chain."""

    programme: bytes
    month: int
    action_type: int
    action_type_version: int
    proof_level: int


@dataclass(frozen=True)
class CountedCell:
    """A published cell, wherever it was read: the chain's events or the city's database."""

    key: FigureKey
    correction: bool
    actions: int
    reward_cents: int
    metrics: dict[str, int]
    block: int


@dataclass
class Figure:
    """The net sum of a key's cells. `block` is the last that contributed, and proves it."""

    key: FigureKey
    actions: int = 0
    reward_cents: int = 0
    metrics: dict[str, int] = field(default_factory=lambda: dict.fromkeys(METRICS, 0))
    block: int = 0

    def add(self, cell: CountedCell) -> None:
        sign = -1 if cell.correction else 1
        self.actions += sign * cell.actions
        self.reward_cents += sign * cell.reward_cents
        for name, value in cell.metrics.items():
            self.metrics[name] += sign * value
        self.block = max(self.block, cell.block)


def figures_of(cells: Iterable[CountedCell]) -> dict[FigureKey, Figure]:
    """Every figure that the cells add up to, in the order of their keys."""
    found: dict[FigureKey, Figure] = {}
    for cell in cells:
        found.setdefault(cell.key, Figure(cell.key)).add(cell)
    return dict(sorted(found.items()))


def figure_id(key: FigureKey) -> str:
    """A name that stays: programme, month, deed, version, proof."""
    programme = key.programme.hex()[:8]
    return (
        f"{programme}/{key.month // 100}-{key.month % 100:02}"
        f"/{key.action_type}.{key.action_type_version}/{key.proof_level}"
    )


def estimate_of(figure: Figure, catalogue: Catalogue) -> dict[str, Any] | None:
    """The estimate of CO2e in grams, positive is avoided; None where no factor exists.

    Gross: all deeds against the baseline, whatever people would have done without a reward.
    """
    key = figure.key
    rule = catalogue.by_number(key.action_type, key.action_type_version).co2e
    gain = rule.on(date(key.month // 100, key.month % 100, 1)) if rule else None
    if rule is None or gain is None:
        return None
    estimate = co2e_of(figure.metrics[rule.metric.value], gain)
    return {
        "attribution": "gross",
        "central_g": estimate.central,
        "low_g": estimate.low,
        "high_g": estimate.high,
        "range": "given" if gain.low is not None else "not published by the source",
        "factors": [factor.full_name for factor in gain.factors],
    }


def proof_name(number: int) -> str:
    return next(name for name, value in PROOF_LEVEL_NUMBERS.items() if value == number)


def figure_json(figure: Figure, catalogue: Catalogue) -> dict[str, Any]:
    """A figure as it is published. The audit makes the same from the chain, and compares."""
    key = figure.key
    action_type = catalogue.by_number(key.action_type, key.action_type_version)
    return {
        "id": figure_id(key),
        "programme": "0x" + key.programme.hex(),
        "month": f"{key.month // 100}-{key.month % 100:02}",
        "action_type": action_type.id,
        "action_type_version": key.action_type_version,
        "proof_level": proof_name(key.proof_level),
        "provenance": "chain",
        "actions": figure.actions,
        "reward_cents": figure.reward_cents,
        "metrics": {name: figure.metrics[name] for name in METRICS},
        "co2e": estimate_of(figure, catalogue),
        "indicators": [
            {"code": link.code, "relation": link.relation} for link in action_type.indicators
        ],
        "block": figure.block,
    }
