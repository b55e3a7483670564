"""The entries of the catalogue, as frozen dataclasses.

Quantities and metrics are integers in their smallest unit; factors are integers in micrograms.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

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

# How a deed relates to an indicator, or (goal-only) to a target or goal without any.
CONTRIBUTES, PROXY, GOAL_ONLY = "contributes-to", "proxy", "goal-only"
RELATIONS = (CONTRIBUTES, PROXY, GOAL_ONLY)

# Where a range comes from: its own source, or a general rule that has a source.
PUBLISHED, GENERAL_RULE = "published", "rule"

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
class Range:
    """Who says that low and high are right; `rule` is the general rule's words, if it is one."""

    kind: str  # published | rule
    source: str
    rule: Texts | None


@dataclass(frozen=True)
class Factor:
    """Micrograms of CO2e per unit of `metric`; low and high only where `range` says whence.

    It counts for deeds from `valid_from` to `valid_to`, both at the ends of a month.
    """

    id: str
    version: str
    year: int | None  # that the source gives for the value
    valid_from: date
    valid_to: date | None
    name: Texts
    source: Source
    source_key: str
    source_values: tuple[str, ...]  # exactly as in the source, to be added up
    source_unit: str
    divided_by: int
    metric: Metric
    micrograms_per_unit: int
    range: Range | None
    low: int | None
    high: int | None
    note: str | None

    @property
    def full_name(self) -> str:
        return f"{self.id}@{self.version}"


Factors = Mapping[str, tuple[Factor, ...]]  # by id, versions in the order of their days


@dataclass(frozen=True)
class Goal:
    """One of the 17."""

    code: str
    title: Texts


@dataclass(frozen=True)
class Target:
    """Of a goal; deeds can serve it without moving an indicator of it."""

    code: str
    goal: str
    title: Texts


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
    """How an action type relates to an indicator, and why.

    Where the relation is goal-only, `code` is that of a target or goal.
    """

    code: str
    relation: str  # of RELATIONS
    why: Texts

    @property
    def goal(self) -> str:
        return self.code.partition(".")[0]


class Gain(NamedTuple):
    """Micrograms per unit against the baseline, for deeds of a span of days."""

    since: date
    until: date | None
    central: int
    low: int | None
    high: int | None
    factors: tuple[Factor, ...]


@dataclass(frozen=True)
class Co2eRule:
    """CO2e = metric x (baseline - action); no action factor: the source has none, taken as 0."""

    metric: Metric
    baseline: tuple[Factor, ...]
    action: tuple[Factor, ...] | None

    @cached_property
    def gains(self) -> tuple[Gain, ...]:
        """One for each pair of versions that were valid together."""
        found = [
            _gain(baseline, action)
            for baseline in self.baseline
            for action in (self.action or (None,))
        ]
        return tuple(gain for gain in found if gain.until is None or gain.since <= gain.until)

    def on(self, day: date) -> Gain | None:
        """By the factors of the deed's day; None where none was valid."""
        for gain in self.gains:
            if gain.since <= day and (gain.until is None or day <= gain.until):
                return gain
        return None


def _gain(baseline: Factor, action: Factor | None) -> Gain:
    """Lowest with a low baseline and a high action, highest the other way."""
    used = (baseline,) if action is None else (baseline, action)
    ends = [factor.valid_to for factor in used if factor.valid_to]
    central = baseline.micrograms_per_unit - (action.micrograms_per_unit if action else 0)
    ours, theirs = _bounds(baseline), _bounds(action)
    low = high = None
    if ours and theirs:
        low, high = ours[0] - theirs[1], ours[1] - theirs[0]
    since = max(factor.valid_from for factor in used)
    return Gain(since, min(ends, default=None), central, low, high, used)


def _bounds(factor: Factor | None) -> tuple[int, int] | None:
    """Low and high; no factor is an exact zero, and so is a zero."""
    if factor is None or factor.micrograms_per_unit == 0:
        return 0, 0
    if factor.low is None or factor.high is None:
        return None
    return factor.low, factor.high


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
    baseline_source: Texts  # who says that it would have happened
    co2e: Co2eRule | None
    no_co2e: Texts | None  # why there is no CO2e figure
    indicators: tuple[Contribution, ...]
    comment: str | None

    @property
    def goals(self) -> frozenset[str]:
        return frozenset(link.goal for link in self.indicators)
