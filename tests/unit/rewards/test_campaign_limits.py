"""Limits of facts in orders and combinations that no campaign of the folder has."""

from __future__ import annotations

from typing import Any

from tests.unit.rewards.campaign_world import assert_earns, campaign, differences, steps


def counter(
    counts: str, per: str, value: int, period: str = "always", **more: str
) -> dict[str, Any]:
    return {"counts": counts, "per": per, "period": period, "value": value, **more}


def test_each_limit_in_the_order_listed_whatever_it_is() -> None:
    """Cents before trips, and a trip limit of the campaign before the driver's."""
    facts = campaign(
        limits=[
            {"per": "campaign", "max_cents": 250},
            {"per": "driver", "period": "month", "max_trips": 2},
            {"per": "passenger", "period": "year", "max_cents": 120},
        ]
    )
    assert_earns(
        facts,
        ({}, 100),
        ({}, 20),
        ({}, 0),  # the campaign counts 50 of it, then the driver's trips refuse
        before_limits_cents=[100, 100, 100],
        counters_after=[
            counter("cents", "campaign", 250),
            counter("trips", "driver", 2, "month", who="d", **{"in": "2031-05"}),
            counter("cents", "passenger", 120, "year", who="p", **{"in": "2031"}),
            counter("trips", "driver", 0, "month", who="other", **{"in": "2031-05"}),
        ],
    )


def test_earlier_counters_stay_raised_and_later_ones_untouched() -> None:
    facts = campaign(
        limits=[
            {"per": "driver", "period": "day", "max_trips": 5},
            {"per": "campaign", "period": "always", "max_cents": "budget"},
            {"per": "driver", "period": "week", "max_cents": 1000},
        ]
    )
    assert_earns(
        facts,
        ({}, 60),
        ({}, 0),
        settings={"budget_cents": 60},
        before_limits_cents=[100, 100],
        counters_after=[
            counter("trips", "driver", 2, "day", who="d", **{"in": "2031-05-14"}),
            counter("cents", "driver", 60, "week", who="d", **{"in": "2031-W20"}),
        ],
    )


def test_seats_of_a_trip_overshoot_and_are_kept_apart_by_platform() -> None:
    facts = campaign(limits=[{"per": "trip", "period": "day", "max_seats": 3}])
    one, other = {"trip": "t", "operator_id": 1, "seats": 2}, {"trip": "t", "operator_id": 2}
    assert_earns(
        facts,
        (one, 100),
        (one, 100),
        (one, 0),
        (other, 100),
        ({**one, "at": "2031-05-15T00:00:00Z"}, 100),
        ({"trip": None, "seats": 9}, 100),
        ({"trip": None, "seats": 9}, 100),
        before_limits_cents=[100] * 7,
        counters_after=[
            counter("seats", "trip", 4, "day", who="1.t", **{"in": "2031-05-14"}),
            counter("seats", "trip", 1, "day", who="2.t", **{"in": "2031-05-14"}),
        ],
    )


def test_one_limit_may_count_two_things_and_hold_at_times() -> None:
    facts = campaign(
        limits=[
            {"per": "driver", "period": "day", "max_trips": 3, "max_cents": 150},
            {"per": "operator", "max_trips": 1, "when": {"class": ["B"]}},
        ]
    )
    assert_earns(
        facts, ({}, 100), ({"class": "B"}, 50), ({}, 0), ({"class": "B", "driver": "e"}, 0),
        before_limits_cents=[100] * 4,
    )  # fmt: skip


def test_counters_before_are_counted_on_and_a_late_journey_changes_nothing() -> None:
    facts = campaign(limits=[{"per": "driver", "period": "month", "max_cents": 350}])
    assert_earns(
        facts,
        ({}, 100),
        ({"at": "2031-04-30T23:59:59Z"}, 50),
        ({"at": "2031-04-30T22:30:00Z"}, 0),  # May in Paris, April in UTC
        ({}, 100),
        before_limits_cents=[100] * 4,
        counters_before=[counter("cents", "driver", 300, "month", who="d", **{"in": "2031-04"})],
        counters_after=[counter("cents", "driver", 350, "month", who="d", **{"in": "2031-04"})],
    )


def test_a_negative_amount_lowers_counters_of_cents_and_raises_those_of_trips() -> None:
    facts = campaign(
        amount=steps({"fixed_cents": 100}, minus="passenger_contribution_cents"),
        limits=[
            {"per": "driver", "period": "day", "max_trips": 4},
            {"per": "campaign", "max_cents": 100},
        ],
    )
    takes = {"passenger_contribution_cents": 130}
    assert_earns(
        facts,
        (takes, -30),
        ({}, 100),
        ({}, 30),
        (takes, 0),  # the campaign's counter is at its limit
        before_limits_cents=[-30, 100, 100, -30],
        counters_after=[
            counter("cents", "campaign", 100),
            counter("trips", "driver", 4, "day", who="d", **{"in": "2031-05-14"}),
        ],
    )


def test_what_earns_nothing_raises_no_counter() -> None:
    facts = campaign(
        requirements=[{"require": {"class": ["C"]}}],
        limits=[
            {"per": "driver", "period": "day", "max_trips": 1},
            {"per": "driver", "max_trips": 0},
        ],
    )
    assert_earns(facts, ({"class": "A"}, 0), ({}, 0), ({}, 0), before_limits_cents=[0, 100, 100])


def test_a_disputed_case_goes_by_its_rules() -> None:
    journeys: dict[str, Any] = {"journeys": [{}], "expected_cents": [0]}
    disputed = {"rules_give_cents": [100], "why": "somebody looked at the place"}
    assert differences(campaign(), {**journeys, "disputed": disputed}) == []
    assert differences(campaign(), journeys) != []


def test_a_counter_that_no_limit_counts_stays_as_it_was() -> None:
    month = {"in": "2031-05"}
    listed = [counter("cents", "driver", 7, "month", who="d", **month)]
    unlisted = [counter("cents", "campaign", 0)]
    assert_earns(campaign(), ({}, 100), counters_before=listed, counters_after=listed + unlisted)


def test_a_limit_of_nothing_and_one_at_its_bound() -> None:
    for most, cents in ((0, 0), (99, 99), (100, 100), (101, 100)):
        facts = campaign(limits=[{"per": "driver", "max_cents": most}])
        assert_earns(facts, ({}, cents), before_limits_cents=[100])
