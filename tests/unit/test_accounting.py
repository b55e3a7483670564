"""CO2e from summed metrics: exact until shown, and no range that no source gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from app.impact.accounting import (
    Estimate,
    Spread,
    co2e,
    metrics_for,
    net,
    shown,
    spread,
    total,
    two_significant,
)
from app.impact.catalogue import METRICS, ActionType, Catalogue
from app.impact.entries import PUBLISHED, Range

catalogue = Catalogue.load()
bike = catalogue.action_type("bike-trip")
DAY = date(2026, 3, 14)


def _with_ranges(entry: ActionType) -> ActionType:
    assert entry.co2e is not None
    assert entry.co2e.action is not None
    given = Range(PUBLISHED, "the source's own table", None)
    first, second = entry.co2e.baseline[0], entry.co2e.action[0]
    baseline = replace(first, micrograms_per_unit=100, range=given, low=80, high=130)
    action = replace(second, micrograms_per_unit=10, range=given, low=5, high=20)
    return replace(entry, co2e=replace(entry.co2e, baseline=(baseline,), action=(action,)))


def test_a_bike_trip_against_the_car() -> None:
    estimate = co2e(metrics_for(bike, 10_000), bike, DAY)
    # 10 km x (142.253 - 0.170) g/km
    assert estimate == Estimate(1_420_830_000, None, None)
    assert (estimate.central, estimate.unit, estimate.low) == (1421, "g", None)


def test_every_action_type_counts_its_own_quantity() -> None:
    for entry in catalogue.action_types():
        metrics = metrics_for(entry, entry.quantity_max)
        assert set(metrics) <= set(METRICS)
        assert all(0 < value < 2**64 for value in metrics.values())
        assert (co2e(metrics, entry, DAY) is None) == (entry.co2e is None)


def test_rounding_happens_once() -> None:
    random = Random(7)  # noqa: S311 - examples, not secrets
    parts = [random.randrange(1, 60_000) for _ in range(500)]
    estimates = [co2e(metrics_for(bike, part), bike, DAY) for part in parts]
    summed = co2e({"distance_m": sum(parts)}, bike, DAY)
    assert summed is not None
    assert total(estimate for estimate in estimates if estimate) == summed
    assert summed.central == round(sum(parts) * 142_083 / 10**6)


def test_bounds_go_with_the_figure_and_add_up_linearly() -> None:
    ranged = _with_ranges(bike)
    one = co2e({"distance_m": 10**6}, ranged, DAY)
    assert one is not None
    assert (one.low, one.central, one.high) == (60, 90, 125)
    both = total([one, one])
    assert (both.low, both.central, both.high) == (120, 180, 250)


def test_half_a_range_is_none() -> None:
    ranged = _with_ranges(bike)
    assert ranged.co2e is not None
    assert bike.co2e is not None
    half = replace(ranged, co2e=replace(ranged.co2e, action=bike.co2e.action))
    one = co2e({"distance_m": 10**6}, half, DAY)
    whole = co2e({"distance_m": 10**6}, ranged, DAY)
    assert one is not None
    assert whole is not None
    assert (one.low, one.high) == (None, None)
    assert total([one, whole]).low is None
    assert total([]) == Estimate(0, None, None)


def test_what_has_no_range_is_a_share_of_the_total_and_is_never_rounded_away() -> None:
    def bare(size: int) -> Estimate:
        return Estimate(size, None, None)

    ranged = Estimate(250, 200, 300)
    assert spread([bare(750), ranged]) == Spread(ranged, 75)
    assert spread([bare(-750), ranged]) == Spread(ranged, 75), "what is caused counts by its size"
    assert spread([bare(10)]) == Spread(None, 100)
    assert spread([ranged, ranged]) == Spread(total([ranged, ranged]), 0)
    assert spread([bare(1), Estimate(10**9, 1, 10**10)]).unranged_percent == 1
    assert spread([bare(10**9), Estimate(1, 1, 1)]).unranged_percent == 99


def test_a_net_share_takes_its_part_of_figure_and_range() -> None:
    assert net(Estimate(2_000, 1_000, 4_000), 455) == Estimate(910, 455, 1_820)
    assert net(Estimate(2_000, None, None), 1000) == Estimate(2_000, None, None)


@pytest.mark.parametrize("quantity", [0, -1])
def test_nothing_has_no_metrics(quantity: int) -> None:
    with pytest.raises(ValueError, match="not positive"):
        metrics_for(bike, quantity)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0, 0), (7, 7), (99, 99), (125, 120), (135, 140), (995, 1000), (-1234, -1200)],
)  # fmt: skip
def test_two_significant_figures(value: int, rounded: int) -> None:
    assert two_significant(value) == rounded


@pytest.mark.parametrize(
    ("grams", "value", "unit"),
    [(996, "1", "kg"), (1_234, "1.2", "kg"), (-1_234_567, "-1.2", "t"), (45, "45", "g")],
)  # fmt: skip
def test_a_mass_is_shown_in_the_unit_that_fits(grams: int, value: str, unit: str) -> None:
    read = shown(grams)
    assert (read.value, read.unit) == (Decimal(value), unit)
