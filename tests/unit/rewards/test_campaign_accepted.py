"""What a stranger's file may say otherwise, and means one thing: taken, with that meaning."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from app.rewards.campaigns.checking import check
from app.rewards.campaigns.converting import convert
from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.reading import read_text
from tests.unit.rewards.campaign_world import ABROAD, HERE, assert_earns, campaign, steps

ONE = {"from": "2031-01-01T00:00:00Z", "operators": ["one"]}
TWO = {"from": "2031-05-14T10:00:00.500Z", "operators": ["two"]}


@pytest.mark.parametrize("listed", [[ONE, TWO], [TWO, ONE]])
def test_operators_hold_by_their_instants_in_whatever_order(listed: list[dict[str, Any]]) -> None:
    late = {"at": "2031-05-14T10:00:01Z"}
    assert_earns(
        campaign(operators=listed),
        ({}, 100),
        (late, 0),
        ({**late, "operator": "two"}, 100),
        ({"operator": "two"}, 0),
    )


def test_numbers_are_names_too() -> None:
    facts = campaign(
        operators=[{"from": "2031-01-01T00:00:00Z", "operators": [80, "one"]}],
        limits=[{"per": "driver", "max_trips": 1}],
    )
    trips = {"counts": "trips", "per": "driver", "value": 1}
    assert_earns(
        facts,
        ({"operator": "80", "driver": 7}, 100),
        ({"operator": 80, "driver": "7"}, 0),
        before_limits_cents=[100, 100],
        counters_after=[{**trips, "who": 7}, {**trips, "who": "7", "period": None, "in": None}],
    )


def test_a_whole_number_may_be_written_with_a_point() -> None:
    facts = campaign(amount=steps({"from_m": 5000, "fixed_cents": 100}, at_most_cents=90))
    text = json.dumps({**facts, "cases": [{"journeys": [{}], "expected_cents": [90]}]})
    text = (
        text.replace('"distance_m": 10000', '"distance_m": 1.0E4')
        .replace("5000", "5000.0")
        .replace("[90]", "[90.0]")
    )
    whole = read_text(text)
    assert [one.differences for one in check(whole, convert(whole))] == [[]]


def test_a_float_in_a_file_is_exact() -> None:
    """As others print them: up to 18 places after the point."""
    third = Decimal("0.333333333333333315")
    assert_earns(
        campaign(amount=steps({"fixed_cents": 300}, factors=[{"times": third}])), ({}, 100)
    )


def test_a_budget_without_end() -> None:
    facts = campaign(limits=[{"per": "campaign", "max_cents": "budget"}])
    count = {"counts": "cents", "per": "campaign", "period": "always"}
    assert_earns(
        facts,
        ({}, 100),
        settings={"budget_cents": 2**53 - 1},
        counters_before=[{**count, "value": 2**52}],
        counters_after=[{**count, "value": 2**52 + 100}],
    )


def test_null_is_nothing_asked() -> None:
    asked = [{"require": None, "exclude": {"class": ["A"]}, "when": None}]
    assert_earns(campaign(requirements=asked), ({}, 100), ({"class": "A"}, 0))


def test_a_trip_without_a_name_is_none() -> None:
    facts = campaign(limits=[{"per": "trip", "period": "day", "max_seats": 1}])
    assert_earns(facts, ({"trip": ""}, 100), ({"trip": ""}, 100), before_limits_cents=[100, 100])


def test_a_case_without_an_area_asks_for_none() -> None:
    facts = campaign()
    facts["defaults"]["settings"]["area"] = {"com": ["c1"]}
    elsewhere = {"start": ABROAD, "end": ABROAD}
    assert_earns(facts, (elsewhere, 0), ({"end": HERE}, 100))
    assert_earns(facts, (elsewhere, 100), settings={"area": None})
    inside = campaign(requirements=[{"require": {"start_in": "area"}}])
    inside["defaults"]["settings"]["area"] = {"com": ["c1"]}
    with pytest.raises(CampaignError, match="area: is missing"):
        assert_earns(inside, ({}, 0), settings={"area": None})


def test_days_of_the_settings_by_any_name() -> None:
    facts = campaign(requirements=[{"exclude": {"local_day": {"in": "polling_days"}}}])
    day = {"at": "2031-05-18T10:00:00Z"}
    facts["defaults"]["settings"]["polling_days"] = ["2031-05-18"]
    assert_earns(facts, ({}, 100), (day, 0))
    assert_earns(facts, ({}, 0), (day, 100), settings={"polling_days": ["2031-05-14"]})
    unused = campaign()
    unused["defaults"]["settings"]["polling_days"] = ["2031-05-18"]
    with pytest.raises(CampaignError, match="polling_days: isn't known"):
        assert_earns(unused, ({}, 100))


def test_a_rate_may_fall_and_the_amount_with_it() -> None:
    falling = {"from_m": 6000, "km_cents": -20, "km_from_m": 6000, "km_to_m": 15000}
    assert_earns(
        campaign(amount=steps({"fixed_cents": 150}, falling)),
        ({"distance_m": 6000}, 150),
        ({"distance_m": 10000}, 70),
        ({"distance_m": 40000, "seats": 2}, -210),
    )
