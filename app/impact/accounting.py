"""Impact of what was done: metrics are counted, CO2e is an estimate computed from their sums.

CO2e is kept in micrograms, exact, and rounded once, where a figure is shown. A range is given
only where every source behind it gives one; bounds add up linearly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from app.impact.entries import ActionType, Co2eRule

MICROGRAMS = 10**6  # in a gram


class Estimate(NamedTuple):
    """CO2e against the baseline: positive is avoided, negative is caused. Properties in grams."""

    central_micrograms: int
    low_micrograms: int | None
    high_micrograms: int | None

    @property
    def unit(self) -> str:
        return "g"

    @property
    def central(self) -> int:
        return _grams(self.central_micrograms)

    @property
    def low(self) -> int | None:
        return None if self.low_micrograms is None else _grams(self.low_micrograms)

    @property
    def high(self) -> int | None:
        return None if self.high_micrograms is None else _grams(self.high_micrograms)


@dataclass(frozen=True)
class Shown:
    """A mass as people read it: two significant figures in g, kg or t."""

    value: Decimal
    unit: str


def metrics_for(action_type: ActionType, quantity: int) -> dict[str, int]:
    """What a quantity (smallest unit, positive) adds to each metric. Raises ValueError."""
    if quantity <= 0:
        raise ValueError(f"quantity {quantity} is not positive")
    return {name: quantity * multiplier for name, multiplier in action_type.metrics.items()}


def co2e(metrics: Mapping[str, int], action_type: ActionType) -> Estimate | None:
    """CO2e of summed metrics of one action type; None where it has no figure."""
    rule = action_type.co2e
    return None if rule is None else co2e_of(metrics.get(rule.metric.value, 0), rule)


def co2e_of(amount: int, rule: Co2eRule) -> Estimate:
    """CO2e of so much of the rule's metric."""
    central, low, high = rule.gain
    if low is None or high is None:
        return Estimate(amount * central, None, None)
    return Estimate(amount * central, amount * low, amount * high)


def total(estimates: Iterable[Estimate]) -> Estimate:
    """The sum; with a range only if every part has one."""
    parts = list(estimates)
    lows = [part.low_micrograms for part in parts if part.low_micrograms is not None]
    highs = [part.high_micrograms for part in parts if part.high_micrograms is not None]
    ranged = len(lows) == len(highs) == len(parts) > 0
    return Estimate(
        sum(part.central_micrograms for part in parts),
        sum(lows) if ranged else None,
        sum(highs) if ranged else None,
    )


def two_significant(value: int) -> int:
    """`value` rounded to two significant figures, half to even."""
    return round(value, 2 - len(str(abs(value))))


def shown(grams: int) -> Shown:
    """Grams for reading, e.g. 1 234 567 g as 1.2 t."""
    rounded = two_significant(grams)
    for unit, size in (("t", 10**6), ("kg", 10**3)):
        if abs(rounded) >= size:
            return Shown(Decimal(rounded) / size, unit)
    return Shown(Decimal(rounded), "g")


def _grams(micrograms: int) -> int:
    return round(micrograms, -6) // MICROGRAMS  # exact, half to even
