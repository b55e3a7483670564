"""The entries of the catalogue, as frozen dataclasses.

Quantities and metrics are integers in their smallest unit; factors are integers in micrograms.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

Texts = Mapping[str, str]  # by language: "fr", "en"


class Metric(enum.Enum):
    """The physical quantities that a leaf commits to; the order is that of the contracts."""

    DISTANCE_M = "distance_m"
    WASTE_G = "waste_g"
    WATER_ML = "water_ml"
    ENERGY_WH = "energy_wh"
    DURATION_S = "duration_s"
    ITEM_COUNT = "item_count"


METRICS: tuple[str, ...] = tuple(metric.value for metric in Metric)

# The number that stands for a proof level on the chain.
PROOF_LEVEL_NUMBERS: Mapping[str, int] = {
    "declared": 1,
    "evidenced": 2,
    "attested": 3,
    "measured": 4,
    "corroborated": 5,
}

# Somebody other than the doer, or an instrument, stands behind it.
VOUCHED = ("attested", "measured", "corroborated")


class UnknownActionTypeError(LookupError):
    """The catalogue has no such action type, number or version."""


@dataclass(frozen=True)
class Source:
    """Where a figure comes from; `read_on` is the day it was taken over."""

    dataset: str
    dataset_fr: str
    licence: str
    read_on: str


@dataclass(frozen=True)
class Factor:
    """Micrograms of CO2e per unit of `metric`; low and high only where the source gives them."""

    id: str
    version: str
    name: Texts
    source: Source
    source_key: str
    source_values: tuple[str, ...]  # exactly as in the source, to be added up
    source_unit: str
    divided_by: int
    metric: Metric
    micrograms_per_unit: int
    low: int | None
    high: int | None
    note: str | None


@dataclass(frozen=True)
class Indicator:
    """An official SDG indicator. Where `fr_stale`, the English title is shown beside."""

    code: str
    goal: str
    target: str
    unsd_code: str
    title: Texts
    fr_stale: bool
    goal_title: Texts
    target_title: Texts


@dataclass(frozen=True)
class Contribution:
    """An action type contributes to an indicator, and why."""

    code: str
    relation: str  # always contributes-to
    why: Texts


@dataclass(frozen=True)
class Co2eRule:
    """CO2e = metric x (baseline - action); no action factor: the source has none, taken as 0."""

    metric: Metric
    baseline: Factor
    action: Factor | None

    @cached_property
    def gain(self) -> tuple[int, int | None, int | None]:
        """Micrograms per unit: central, low, high. Lowest with a low baseline and a high action."""
        baseline, action = _bounds(self.baseline), _bounds(self.action)
        central = baseline[1] - action[1]
        if baseline[0] is None or baseline[2] is None or action[0] is None or action[2] is None:
            return central, None, None
        return central, baseline[0] - action[2], baseline[2] - action[0]


def _bounds(factor: Factor | None) -> tuple[int | None, int, int | None]:
    """Low, central, high; no factor is an exact zero, and so is a zero."""
    if factor is None or factor.micrograms_per_unit == 0:
        return 0, 0, 0
    return factor.low, factor.micrograms_per_unit, factor.high


@dataclass(frozen=True)
class ActionType:
    """Something to do. `unit` is what a quantity counts; `entry_size` of it make an `entry_unit`.

    Above `quantity_usual` a person is asked once more, above `quantity_max` it is refused.
    """

    id: str
    number: int
    version: int
    category: str
    name: Texts
    unit: str
    entry_unit: str
    entry_size: int
    quantity_usual: int
    quantity_max: int
    evidence: tuple[str, ...]
    proof_levels: tuple[str, ...]
    metrics: Mapping[str, int]  # metric -> multiplier of the quantity
    baseline: Texts
    co2e: Co2eRule | None
    no_co2e: Texts | None  # why there is no CO2e figure
    indicators: tuple[Contribution, ...]
    comment: str | None
