"""Amounts by themselves: pure, exact, rounded once."""

from __future__ import annotations

from typing import Any

import pytest

from app.rewards.language.explaining import explain
from tests.unit.rewards.rules_world import TARIFF, act, limit, program

PER = {"of": "quantity", "cents": "2.5", "size": 100}


def worth(
    steps: list[dict[str, Any]], action: dict[str, Any] | None = None, **members: Any
) -> int | None:
    """By both ways; of bands in `members`, or cumulative."""
    tariff = {**TARIFF, "bands": members.pop("bands", "cumulative"), "steps": steps}
    tariff |= members.pop("tariff", {})
    made = program(tariffs=[tariff], **members)
    done = act(**(action or {}))
    found = explain(made, done, {})
    assert made.worth(done)[0] == found.before
    return found.before


@pytest.mark.parametrize(
    ("step", "quantity", "cents"),  # for two seats
    [
        ({"per": PER}, 1234, 31),  # 12.34 x 2.5 = 30.85
        ({"per": {**PER, "offset": 1000}}, 900, 0),
        ({"fixed_cents": 50, "per": {**PER, "offset": 1000}}, 900, 50),
        ({"fixed_cents": 50, "per": {**PER, "offset": 1000, "under_offset": "subtracts"}}, 900, 48),
        ({"per": {**PER, "offset": 1000}}, 1234, 6),  # 2.34 x 2.5 = 5.85
        ({"per": {**PER, "offset": 1000, "limit": 2000}}, 9999, 25),
        ({"per": {**PER, "max_cents": "7.25"}}, 1000, 7),
        ({"per": {**PER, "round_to": {"size": 1000, "mode": "down"}}}, 1999, 25),
        ({"per": {**PER, "round_to": {"size": 1000, "mode": "up"}}}, 1001, 50),
        ({"per": {**PER, "round_to": {"size": 1000, "mode": "half_even"}}}, 2500, 50),
        ({"per": {**PER, "round_to": {"size": 1000, "mode": "half_up"}}}, 2500, 75),
        ({"per": {"of": "quantity", "cents": 10, "size": 3}}, 2, 7),  # 6.66…
        ({"per": {"of": "quantity", "cents": "0.000000000000001", "size": 1}}, 10**9, 0),
        ({"fixed_cents": 3, "seat_cents": 4, "per": {**PER, "size": 200}}, 400, 21),  # 3 + 2 x 9
    ],
)
def test_units(step: dict[str, Any], quantity: int, cents: int) -> None:
    both = {**step, "times_seats": "seat_cents" in step}
    assert worth([both], {"quantity": quantity, "seats": 2}) == cents


@pytest.mark.parametrize(
    ("mode", "half", "one_and_half", "negative_half"),
    [("half_up", 1, 2, 0), ("half_even", 0, 2, 0), ("down", 0, 1, -1), ("up", 1, 2, 0)],
)
def test_one_rounding(mode: str, half: int, one_and_half: int, negative_half: int) -> None:
    for fixed, cents in (("0.5", half), ("1.5", one_and_half), ("-0.5", negative_half), (2, 2)):
        assert worth([{"fixed_cents": fixed}], rounding=mode, negative="allowed") == cents


def test_tiers_add_up_or_exclude() -> None:
    steps = [
        {"from": 0, "below": 1000, "fixed_cents": 5},
        {"from": 1000, "below": 5000, "fixed_cents": 7},
    ]
    quantity: dict[str, Any] = {"tariff": {"measure": "quantity"}}
    for amount, both, one in ((999, 5, 5), (1000, 12, 7), (4999, 12, 7), (5000, 12, 0)):
        assert worth(steps, {"quantity": amount}, **quantity) == both
        assert worth(steps, {"quantity": amount}, bands="exclusive", **quantity) == one
    assert worth(steps, {"distance_m": 1000}) == 12, "the distance, unless said"


def test_what_is_measured_must_be_known() -> None:
    steps = [{"from": 1, "fixed_cents": 5}]
    assert worth(steps, {"distance_m": None}) == 0
    assert worth(steps, {"distance_m": None}, tariff={"unknown": "ask"}) is None
    assert worth([{"fixed_cents": 5}], {"distance_m": None}) == 5


def test_steps_and_adjustments_hold_where_their_when_does() -> None:
    sunday, wednesday = {"weekday": {"in": [7]}}, {"weekday": {"in": [3]}}
    steps: list[dict[str, Any]] = [
        {"fixed_cents": 10},
        {"fixed_cents": 5, "when": wednesday},
        {"fixed_cents": 1, "when": sunday},
    ]
    assert worth(steps) == 15
    twice = {"id": "twice", "order": 2, "times": 2, "when": wednesday}
    never = {"id": "never", "order": 3, "times": 9, "when": sunday}
    less = {"id": "less", "order": 1, "minus": {"cents": "2.5"}}
    assert worth(steps, adjustments=[never, twice, less]) == 25, "by their order, not their place"
    last = {**less, "order": 9}
    assert worth(steps, adjustments=[never, twice, last]) == 28  # 30 - 2.5 = 27.5
    asks: dict[str, Any] = {"fixed_cents": 1, "when": {"first_time": {}}, "unknown": "ask"}
    assert worth([*steps, asks]) is None
    assert worth([*steps, {**asks, "unknown": "pass"}]) == 16
    asking = {"id": "a", "order": 1, "times": 2, "when": {"first_time": {}}, "unknown": "ask"}
    assert worth(steps, adjustments=[asking]) is None


def test_a_field_less_or_at_least() -> None:
    fixed = [{"fixed_cents": 100}]
    minus = {"id": "m", "order": 1, "minus": {"field": "contribution_cents"}}
    least = {"id": "l", "order": 2, "at_least": {"field": "revenue_cents"}}
    most = {"id": "t", "order": 3, "at_most": {"field": "revenue_cents"}}
    assert worth(fixed, {"contribution_cents": 30}, adjustments=[minus]) == 70
    assert worth(fixed, adjustments=[minus, least, most]) == 100, "what isn't known does nothing"
    assert worth(fixed, {"revenue_cents": 120}, adjustments=[least]) == 120
    most_known = {"id": "k", "order": 4, "at_most": {"field": "revenue_cents", "unknown_cents": 7}}
    assert worth(fixed, adjustments=[most_known]) == 7
    assert worth(fixed, {"revenue_cents": 8}, adjustments=[most_known]) == 8
    assert worth(fixed, {"revenue_cents": 20}, adjustments=[least, most]) == 20
    assert worth(fixed, adjustments=[{"id": "x", "order": 1, "at_most": {"cents": "0.4"}}]) == 0


def test_never_negative_unless_it_is_said() -> None:
    minus = [{"id": "m", "order": 1, "minus": {"cents": 130}}]
    assert worth([{"fixed_cents": 100}], adjustments=minus) == 0
    assert worth([{"fixed_cents": 100}], adjustments=minus, negative="allowed") == -30


def test_the_first_tariff_by_the_stated_order() -> None:
    tariffs = [
        {**TARIFF, "id": "later", "order": 2, "steps": [{"fixed_cents": 2}]},
        {**TARIFF, "id": "sooner", "when": {"weekday": {"in": [3]}}, "steps": [{"fixed_cents": 1}]},
        {**TARIFF, "id": "also", "order": 3, "when": {"weekday": {"in": [3]}}},
    ]
    made = program(tariffs=tariffs)
    told = explain(made, act(), {})
    assert (made.worth(act()), told.before) == ((1, ()), 1)
    assert [(line.code, line.rule) for line in told.lines] == [
        ("passed_over", "also"),
        ("fixed", "sooner"),
    ]
    asks = [{**tariffs[1], "when": {"first_time": {}}, "unknown": "ask"}, tariffs[0]]
    assert program(tariffs=asks).worth(act()) == (None, ("sooner",))
    assert program(tariffs=[]).worth(act()) == (0, ())


def test_worth_is_pure() -> None:
    made = program(limits=[limit("day", 1, most=0)])
    assert [made.worth(act()) for _ in range(3)] == [(100, ())] * 3
    assert made.decide(act(), {}).before == 100
