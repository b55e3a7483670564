"""Impact of what was done: metrics are counted, CO2e is an estimate computed from their sums.

CO2e is kept in micrograms, exact, and rounded once, where a figure is shown. A range is given
only where every source behind it gives one; bounds add up linearly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from app.impact.entries import ActionType, Gain

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


def co2e(metrics: Mapping[str, int], action_type: ActionType, day: date) -> Estimate | None:
    """CO2e of summed metrics of one action type, by the factors of the deeds' day (or month).

    None where it has no figure, or had none on that day.
    """
    rule = action_type.co2e
    gain = rule.on(day) if rule else None
    return co2e_of(metrics.get(rule.metric.value, 0), gain) if rule and gain else None


def co2e_of(amount: int, gain: Gain) -> Estimate:
    """CO2e of so much of the metric that the gain counts."""
    if gain.low is None or gain.high is None:
        return Estimate(amount * gain.central, None, None)
    return Estimate(amount * gain.central, amount * gain.low, amount * gain.high)


def total(estimates: Iterable[Estimate]) -> Estimate:
    """The sum; with a range only if every part has one."""
    parts = list(estimates)
    lows = [part.low_micrograms for part in parts if part.low_micrograms is not None]
    highs = [part.high_micrograms for part in parts if part.high_micrograms is not None]
    whole = len(lows) == len(highs) == len(parts) > 0
    return Estimate(
        sum(part.central_micrograms for part in parts),
        sum(lows) if whole else None,
        sum(highs) if whole else None,
    )


@dataclass(frozen=True)
class Spread:
    """What is known of a total's range: `ranged` adds up the parts that have one.

    `unranged_percent` is the share of the others, by size whatever their sign.
    """

    ranged: Estimate | None
    unranged_percent: int


def spread(estimates: Iterable[Estimate]) -> Spread:
    """A share that is not all is never rounded to all, nor to nothing."""
    parts = list(estimates)
    ranged = [part for part in parts if part.low_micrograms is not None]
    sizes = [abs(part.central_micrograms) for part in parts]
    bare = sum(sizes) - sum(abs(part.central_micrograms) for part in ranged)
    percent = round(Decimal(100 * bare) / (sum(sizes) or 1))
    if 0 < bare < sum(sizes):
        percent = min(max(percent, 1), 99)
    return Spread(total(ranged) if ranged else None, percent)


def net(estimate: Estimate, permille: int) -> Estimate:
    """The part that a programme's own source says would not have happened anyway."""
    low, high = estimate.low_micrograms, estimate.high_micrograms
    return Estimate(
        estimate.central_micrograms * permille // 1000,
        None if low is None else low * permille // 1000,
        None if high is None else high * permille // 1000,
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
