"""Whom and what the facts' predicates let pass, alone and in each other."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.rewards.campaign_world import (
    ABROAD,
    HERE,
    THERE,
    assert_earns,
    campaign,
    differences,
)

SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2]]
PREDICATES: dict[str, tuple[dict[str, Any], list[tuple[dict[str, Any], bool]]]] = {
    "distance, both bounds": (
        {"distance_m": {"min": 2000, "below": 5000}},
        [({"distance_m": d}, d in (2000, 4999)) for d in (1999, 2000, 4999, 5000)],
    ),
    "distance, no bound": ({"distance_m": {}}, [({"distance_m": 0}, True)]),
    "distance, bounds of null": (
        {"distance_m": {"min": None, "below": 5000}},
        [({"distance_m": 0}, True), ({"distance_m": 5000}, False)],
    ),
    "class": (
        {"class": ["B", "C"]},
        [({"class": c}, c in ("B", "C")) for c in ("A", "B", "C", None)],
    ),
    "one class": ({"class": "C"}, [({"class": "B"}, False), ({}, True)]),
    "not known to be a minor": (
        {"passenger_adult": "not_known_minor"},
        [({"passenger_adult": a}, a is not False) for a in (True, None, False)],
    ),
    "known to be a minor": (
        {"not": {"passenger_adult": "not_known_minor"}},
        [({"passenger_adult": a}, a is False) for a in (True, None, False)],
    ),
    "any of several kinds": (
        {"start_in": {"com": ["c2"], "epci": ["x"]}},
        [({}, False), ({"start": THERE}, True), ({"start": {"epci": "x"}}, True)],
    ),
    "a place without codes": (
        {"not": {"end_in": {"com": ["c2"]}}},
        [({}, False), ({"end": {}}, True), ({"end": None}, True), ({"end": {"com": None}}, True)],
    ),
    "codes of another kind don't count": (
        {"start_in": {"epci": ["c1"]}},
        [({}, False), ({"start": {"epci": "c1"}}, True)],
    ),
    "a zone by its name": ({"end_in": {"com": "towns"}}, [({}, True), ({"end": HERE}, False)]),
    "a zone with its kinds": (
        {"end_in": "wide"},
        [({}, True), ({"end": {"epci": "x"}}, True), ({"end": HERE}, False)],
    ),
    "codes that are numbers": (
        {"end_in": {"com": [7]}},
        [({"end": {"com": 7}}, True), ({"end": {"com": "7"}}, True), ({}, False)],
    ),
    "no zone at all": ({"start_in": {}}, [({}, False)]),
    "the same code": (
        {"same_code": "epci"},
        [
            ({}, True),
            ({"end": ABROAD}, False),
            ({"end": {"com": "c2"}}, False),
            ({"start": {}, "end": {"com": "c2"}}, True),
            ({"start": {"epci": ""}, "end": {"epci": ""}}, True),
        ],
    ),
    "several members all hold": (
        {"same_code": "epci", "distance_m": {"min": 5000}},
        [({}, True), ({"distance_m": 4999}, False), ({"end": ABROAD}, False)],
    ),
    "contribution, from 1": (
        {"contribution_cents": {"min": 1}},
        [({"passenger_contribution_cents": c}, c == 1) for c in (1, 0, None)] + [({}, False)],
    ),
    "contribution, from 0": (
        {"contribution_cents": {"min": 0}},
        [({"passenger_contribution_cents": None}, True)],
    ),
    "contribution below": (
        {"not": {"contribution_cents": {"below": 5}}},
        [({"passenger_contribution_cents": c}, c == 5) for c in (5, 4, None)],
    ),
    "weekday in Paris": (
        {"weekday": [3, 7]},
        [
            ({}, True),
            ({"at": "2031-05-14T21:59:59Z"}, True),
            ({"at": "2031-05-14T22:00:00Z"}, False),
            ({"at": "2031-05-17T22:00:00Z"}, True),  # Sunday already in Paris
        ],
    ),
    "instant": (
        {"instant": {"from": "2031-05-14T10:00:00Z", "before": "2031-05-14T14:00:00+02:00"}},
        [({"at": f"2031-05-14T{t}Z"}, ok) for t, ok in (
            ("09:59:59", False), ("10:00:00", True), ("11:59:59.9", True), ("12:00:00", False))],
    ),
    "day in UTC": (
        {"utc_day": {"from": "2031-05-14", "to": "2031-05-15"}},
        [({"at": at}, ok) for at, ok in (
            ("2031-05-13T23:59:59Z", False), ("2031-05-14T00:00:00Z", True),
            ("2031-05-15T23:59:59Z", True), ("2031-05-16T00:00:00Z", False))],
    ),
    "day in Paris": (
        {"local_day": {"to": "2031-05-14"}},
        [({"at": "2031-05-14T21:59:59Z"}, True), ({"at": "2031-05-14T22:00:00Z"}, False)],
    ),
    "days of the settings, within bounds": (
        {"local_day": {"in": "booster_days", "from": "2031-05-15"}},
        [
            ({}, False),
            ({"at": "2031-05-14T22:00:00Z"}, True),
            ({"at": "2031-05-15T22:00:00Z"}, False),
        ],
    ),
    "days listed in place": (
        {"utc_day": {"in": ["2031-05-14", "2031-05-20"]}},
        [({}, True), ({"at": "2031-05-15T00:00:00Z"}, False)],
    ),
    "both ends in a polygon": (
        {"both_ends_inside": "square"},
        [
            ({}, False),
            ({"start_lonlat": [1, 1], "end_lonlat": [0.5, 1.5]}, True),
            ({"start_lonlat": [1, 1], "end_lonlat": [2.5, 1.5]}, False),
            ({"start_lonlat": [1, 1]}, False),
            ({"start_lonlat": [0, 1], "end_lonlat": [1, 0]}, True),  # western, southern edge
            ({"start_lonlat": [1, 1], "end_lonlat": [2, 1]}, False),  # eastern edge
            ({"start_lonlat": [1, 1], "end_lonlat": [1, 2]}, False),  # northern edge
        ],
    ),
    "in each other": (
        {"any": [
            {"all": [{"start_in": {"com": ["c1"]}}, {"not": {"class": ["C"]}}]},
            {"not": {"any": [{"distance_m": {"below": 50000}}, {"weekday": [1]}]}},
        ]},
        [
            ({}, False),
            ({"class": "B"}, True),
            ({"distance_m": 50000}, True),
            ({"distance_m": 50000, "at": "2031-05-12T10:00:00Z"}, False),
        ],
    ),
    "nothing of all, nothing of any": ({"all": [{"all": []}, {"not": {"any": []}}]}, [({}, True)]),
}  # fmt: skip


@pytest.mark.parametrize("name", PREDICATES)
@pytest.mark.parametrize("way", ["require", "exclude", "when", "tariff", "factor"])
def test_a_predicate(name: str, way: str) -> None:
    """In each place that may hold one: required, excluded, as when, of a tariff, of a factor."""
    said, journeys = PREDICATES[name]
    held, missed = {
        "require": (100, 0),
        "exclude": (0, 100),
        "when": (0, 100),  # what it excludes where it holds is everything
        "tariff": (100, 7),
        "factor": (250, 100),
    }[way]
    seven = {"bands": "cumulative", "steps": [{"fixed_cents": 7}]}
    hundred = {"bands": "cumulative", "steps": [{"fixed_cents": 100}]}
    ways: dict[str, dict[str, Any]] = {
        "require": {"requirements": [{"require": said}]},
        "exclude": {"requirements": [{"exclude": said}]},
        "when": {"requirements": [{"exclude": {"all": []}, "when": said}]},
        "tariff": {"amount": {"tariffs": [{"when": said, **hundred}, seven]}},
        "factor": {"amount": {"tariffs": [hundred], "factors": [{"when": said, "times": 2.5}]}},
    }
    places = {"zones": {"towns": ["c2"], "wide": {"com": ["c2"], "epci": ["x"]}}}
    facts = campaign(**ways[way], **places, shapes={"square": SQUARE})
    facts["defaults"]["settings"]["booster_days"] = ["2031-05-14", "2031-05-15"]
    facts = exact(facts)
    assert_earns(facts, *((exact(journey), held if ok else missed) for journey, ok in journeys))


def exact(value: Any) -> Any:
    """As the file's reader gives it: no floats."""
    return json.loads(json.dumps(value), parse_float=Decimal)


def test_the_area_is_touched_by_one_end() -> None:
    facts = campaign()
    facts["defaults"]["settings"]["area"] = {"com": ["c1"]}
    elsewhere = {"start": ABROAD, "end": ABROAD}
    assert_earns(facts, ({}, 100), ({"start": ABROAD, "end": HERE}, 100), (elsewhere, 0))
    assert_earns(facts, (elsewhere, 100), ({}, 0), settings={"area": {"country": ["G"]}})
    assert_earns(facts, ({}, 0), settings={"area": {}})
    inside = campaign(requirements=[{"require": {"start_in": "area", "end_in": "area"}}])
    inside["defaults"]["settings"]["area"] = {"epci": ["e1"]}
    assert_earns(inside, ({}, 100), ({"end": ABROAD}, 0))


def test_operators_by_the_last_entry_that_began() -> None:
    entries = [
        {"from": "2031-01-01T00:00:00Z", "operators": ["one", "two"]},
        {"from": "2031-06-01T00:00:00Z", "operators": ["two"]},
        {"from": "2031-07-01T00:00:00Z", "operators": None},
    ]
    june, july = {"at": "2031-06-01T00:00:00Z"}, {"at": "2031-07-01T00:00:00Z"}
    assert_earns(
        campaign(operators=entries),
        ({}, 100),
        ({"operator": "three"}, 0),
        ({"operator": None}, 0),
        ({"at": "2030-12-31T23:59:59Z"}, 0),
        (june, 0),
        ({**june, "operator": "two"}, 100),
        ({**july, "operator": "nobody knows"}, 100),
    )
    assert_earns(campaign(operators=None), ({"operator": "any"}, 100))
    assert_earns(campaign(operators=[]), ({}, 0))
    assert_earns(
        campaign(operators=[{"operators": ["one"]}]), ({"at": "1999-01-01T00:00:00Z"}, 100)
    )


def test_requirements_hold_where_their_when_does() -> None:
    facts = campaign(
        requirements=[
            {"require": {"class": ["C"]}, "when": {"utc_day": {"from": "2031-05-01"}}},
            {"exclude": {"distance_m": {"below": 3000}}, "require": {"distance_m": {"below": 9}}},
            {"exclude": {"weekday": [7]}, "when": None},
        ]
    )
    assert_earns(facts, ({"distance_m": 5}, 0), ({"distance_m": 10}, 0))
    del facts["rules"]["requirements"][1]
    april = {"at": "2031-04-30T23:59:59Z"}
    assert_earns(facts, ({}, 100), ({"class": "A"}, 0), ({**april, "class": "A"}, 100))


def test_what_isnt_listed_of_a_journey_is_its_default_and_an_object_replaces_one() -> None:
    facts = campaign(requirements=[{"require": {"start_in": {"epci": ["e1"]}}}])
    assert_earns(facts, ({}, 100), ({"start": {"com": "c1"}}, 0))
    assert differences(facts, {"journeys": [{}], "expected_cents": [99]}) == [
        "journey 1, amount: expected 99, got 100",
        "journey 1, amount before limits: expected 99, got 100",
    ]
