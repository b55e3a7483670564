"""Amounts of facts in combinations that no campaign of the folder has."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.rewards.campaign_world import assert_earns, campaign, steps


def paid(cents: int | None) -> dict[str, Any]:
    return {"passenger_contribution_cents": cents}


KM = {"km_cents": 10, "km_from_m": 2000, "km_to_m": 12000}
AMOUNTS: dict[str, tuple[dict[str, Any], list[tuple[dict[str, Any], int]]]] = {
    "cumulative: below never stops a step": (
        steps({"from_m": 0, "below_m": 5000, "seat_cents": 40}, {"from_m": 5000, "fixed_cents": 3}),
        [({"distance_m": 4999}, 40), ({"distance_m": 5000}, 43), ({"distance_m": 90000}, 43)],
    ),
    "exclusive: one step pays, and none beyond": (
        steps(
            {"from_m": 1000, "below_m": 5000, "fixed_cents": 40},
            {"from_m": 5000, "below_m": 9000, "fixed_cents": 7},
            bands="exclusive",
        ),
        [({"distance_m": d}, 0) for d in (999, 9000)]
        + [({"distance_m": d}, 40) for d in (1000, 4999)]
        + [({"distance_m": 5000}, 7)],
    ),
    "exclusive: an open end": (
        steps(
            {"below_m": 5000, "fixed_cents": 40}, {"from_m": 5000, "km_cents": 1}, bands="exclusive"
        ),
        [({"distance_m": 0}, 40), ({"distance_m": 123456}, 123)],
    ),
    "exclusive: of two steps that overlap the first": (
        steps(
            {"from_m": 0, "below_m": 9000, "fixed_cents": 1},
            {"from_m": 5000, "fixed_cents": 7},
            bands="exclusive",
        ),
        [({"distance_m": 6000}, 1), ({"distance_m": 9000}, 7)],
    ),
    "fixed, and seats times seat and km": (
        # 5 + 3 x (2 + 10 x 10 km) = 311
        steps({"fixed_cents": 5, "seat_cents": 2, **KM}),
        [({"distance_m": 12000, "seats": 3}, 311), ({"distance_m": 99000, "seats": 3}, 311)],
    ),
    "seats: 0, null and missing count as 1": (
        steps({"seat_cents": 30}),
        [({"seats": 0}, 30), ({"seats": None}, 30), ({"seats": 4}, 120)],
    ),
    "times_seats false leaves seats out of the whole step": (
        steps({"fixed_cents": 1, "seat_cents": 20, "km_cents": 10, "times_seats": False},
              {"seat_cents": 3}),
        # 1 + 20 + 100, and 4 x 3 of the other step
        [({"seats": 4}, 133)],
    ),
    "kilometres from the first metre, without ceiling": (
        steps({"from_m": 3000, "km_cents": Decimal("2.5")}),
        # 7.777 km x 2.5 = 19.4425
        [({"distance_m": 7777}, 19), ({"distance_m": 2999}, 0), ({"distance_m": 400000}, 1000)],
    ),
    "the ceiling of the km part is for a seat": (
        steps({**KM, "km_part_max_cents": Decimal("33.5")}),
        # min(80, 33.5) x 3 = 100.5, half up
        [({"distance_m": 10000, "seats": 3}, 101), ({"distance_m": 4000}, 20)],
    ),
    "below its first metre the km part takes away": (
        steps({"fixed_cents": 50, "km_cents": 10, "km_from_m": 10000}),
        [({"distance_m": 7000}, 20), ({"distance_m": 12000}, 70), ({"distance_m": 4000}, -10)],
    ),
    "whole kilometres, half up": (
        steps({"km_cents": 10, "km_from_m": 1000, "km_rounding": "nearest_whole_km"}),
        [({"distance_m": d}, c) for d, c in ((3499, 20), (3500, 30), (4499, 30), (1499, 0))],
    ),
    "whole kilometres, then decimals and seats": (
        steps({"km_cents": Decimal("12.25"), "km_to_m": 7600, "km_rounding": "nearest_whole_km"}),
        # round(7.6) = 8; 8 x 12.25 x 3 = 294
        [({"distance_m": 50000, "seats": 3}, 294)],
    ),
    "half a cent rises, also below zero": (
        steps({"fixed_cents": Decimal("0.5")}, minus="passenger_contribution_cents"),
        [(paid(c), cents) for c, cents in ((None, 1), (3, -2), (1, 0))],
    ),
    "minus, at most, factors, at least: in this order": (
        steps(
            {"fixed_cents": 300},
            minus="passenger_contribution_cents",
            at_most_cents=200,
            factors=[{"times": Decimal("1.5")}, {"times": Decimal("0.33")}],
            at_least="driver_revenue_cents",
        ),
        [
            # min(300 - 50, 200) x 1.5 x 0.33 = 99
            ({"passenger_contribution_cents": 50}, 99),
            ({"passenger_contribution_cents": 50, "driver_revenue_cents": 120}, 120),
            # (300 - 290) x 0.495 = 4.95
            ({"passenger_contribution_cents": 290, "driver_revenue_cents": None}, 5),
        ],
    ),
    "at least a field that isn't known: 0": (
        steps({"fixed_cents": 100}, minus="passenger_contribution_cents",
              at_least="driver_revenue_cents"),
        [(paid(130), 0), ({**paid(130), "driver_revenue_cents": 5}, 5), (paid(30), 70)],
    ),
    "a ceiling with a fraction": (
        steps({"km_cents": 10}, at_most_cents=Decimal("33.25"), factors=[{"times": 3}]),
        # 33.25 x 3 = 99.75
        [({}, 100), ({"distance_m": 1000}, 30)],
    ),
    "one third of a cent has no rest": (
        steps({"km_cents": Decimal("0.001")}, factors=[{"times": 500}]),
        # 0.001 x 0.999 x 500 = 0.4995; with 1.000: 0.5
        [({"distance_m": 999}, 0), ({"distance_m": 1000}, 1)],
    ),
    "the first tariff that holds, else nothing": (
        {
            "tariffs": [
                {"when": {"class": ["A"]}, "steps": [{"fixed_cents": 1}]},
                {"when": {"class": ["A", "B"]}, "steps": [{"fixed_cents": 2}]},
            ]
        },
        [({"class": "A"}, 1), ({"class": "B"}, 2), ({"class": "C"}, 0)],
    ),
    "no tariff, no step, no bands": (
        {"tariffs": [{"when": {"class": ["A"]}, "steps": []}]},
        [({"class": "A"}, 0), ({}, 0)],
    ),
    "null is nothing said": (
        steps({"from_m": None, "fixed_cents": 9, "km_cents": None, "km_rounding": None},
              minus=None, at_most_cents=None, factors=None, at_least=None),
        [({}, 9)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", AMOUNTS)
def test_an_amount(name: str) -> None:
    amount, journeys = AMOUNTS[name]
    assert_earns(campaign(amount=amount), *journeys)
