"""What limits leave: in turn and together, at every bound, in their own time zones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.rewards.language import periods
from app.rewards.language.action import Action, Outside
from app.rewards.language.compiling import Program, Result
from app.rewards.language.counting import Key
from app.rewards.language.credit import settle
from app.rewards.language.explaining import explain
from tests.unit.rewards.rules_world import act, limit, program

Counters = dict[Key, int]
TRIPS: dict[str, Any] = {"counts": "actions", "at_limit": "refuse"}


def run(
    made: Program, *actions: Action, before: Counters | None = None, budget: int | None = None
) -> tuple[list[int], Counters]:
    """By both ways, which must count the same."""
    fast, slow = dict(before or {}), dict(before or {})
    cents = []
    for one in actions:
        found = made.decide(one, fast, budget)
        told = explain(made, one, slow, budget)
        assert found == Result(told.before, told.cents, told.by)
        assert fast == slow
        cents.append(found.cents)
    assert set(fast) - set(before or {}) <= {key for one in actions for key in made.keys(one)}
    return cents, fast


def values(counters: Counters) -> dict[str, int]:
    return {key[0]: value for key, value in counters.items()}


def test_together_counters_rise_by_what_was_granted() -> None:
    """In turn, the first limits have counted what the last one refuses; together they haven't."""
    limits = [
        limit("trips", 1, most=9, **TRIPS),
        limit("year", 2, period="year", most=1000),
        limit("month", 3, period="month", most=130),
        limit("all", 4, per="programme", period="always", most=130),
    ]
    for order, counted in (
        ("together", {"trips": 2, "year": 130, "month": 130, "all": 130}),
        ("in_turn", {"trips": 3, "year": 300, "month": 130, "all": 130}),
    ):
        cents, counters = run(program(limits=limits, limits_order=order), act(), act(), act())
        assert cents == [100, 30, 0]
        assert values(counters) == counted
    assert run(program(limits=limits), act())[0] == [100]


def test_the_default_is_together() -> None:
    limits = [limit("trips", 1, most=9, **TRIPS), limit("none", 2, most=0)]
    assert values(run(program(limits=limits), act())[1]) == {}


@pytest.mark.parametrize("order", ["together", "in_turn"])
def test_at_a_limit(order: str) -> None:
    """cut, refuse, overshoot, exactly at and one cent around the bound."""
    for at_limit, most, expected in (
        ("cut", 200, [100, 100, 0]),
        ("cut", 199, [100, 99, 0]),
        ("cut", 201, [100, 100, 1]),
        ("refuse", 200, [100, 100, 0]),
        ("refuse", 199, [100, 0, 0]),
        ("overshoot", 200, [100, 100, 0]),
        ("overshoot", 201, [100, 100, 100]),
        ("overshoot", 0, [0, 0, 0]),
    ):
        made = program(limits=[limit("day", 1, most=most, at_limit=at_limit)], limits_order=order)
        cents, counters = run(made, act(), act(), act())
        assert cents == expected
        assert sum(counters.values()) == sum(expected)
    for at_limit, expected in (("refuse", [100, 0, 100]), ("overshoot", [100, 100, 0])):
        seats = limit("day", 1, most=3, counts="seats", at_limit=at_limit)
        made = program(limits=[seats], limits_order=order)
        assert run(made, act(seats=2), act(seats=2), act(seats=None))[0] == expected


def test_whose_counter() -> None:
    two = act(citizen="ben", other="ana")
    for per, same, other in (
        ("citizen", act(other="x"), act(citizen="x")),
        ("other", act(citizen="x"), act(other="x")),
        ("pair", two, act(other="x")),
        ("partner", act(citizen="x"), act(partner="x")),
        ("attester", act(citizen="x"), act(attester="x")),
        ("programme", act(citizen="x", partner="x"), None),
    ):
        made = program(limits=[limit("one", 1, per=per, most=1, **TRIPS)])
        assert run(made, act(), same)[0] == [100, 0], per
        if other is not None:
            assert run(made, act(), other)[0] == [100, 100], per
    trip = program(limits=[limit("one", 1, per="trip", most=1, unknown_who="pass", **TRIPS)])
    assert run(trip, act(trip="t"), act(trip="t"), act(trip="u"), act(), act())[0] == [
        100,
        0,
        100,
        100,
        100,
    ]


def test_nobody_knows_whose() -> None:
    for policy, before, cents in (("pass", 100, 100), ("fail", 100, 0), ("ask", None, 0)):
        made = program(limits=[limit("one", 1, per="pair", most=500, unknown_who=policy)])
        alone = act(other=None)
        assert run(made, alone)[0] == [cents]
        assert made.decide(alone, {}).before == before


def test_a_limit_holds_where_its_when_does() -> None:
    by_level = [
        limit("card", 1, most=50, when={"identity_level": {"in": ["card"]}}),
        limit("all", 2, most=120),
        limit("asks", 3, most=999, when={"first_time": {}}, unknown="ask"),
    ]
    made = program(limits=by_level[:2])
    assert run(made, act(identity_level="card"), act(), act())[0] == [50, 70, 0]
    assert run(program(limits=by_level), act())[0] == [0]
    assert program(limits=by_level).decide(act(), {}).before is None


def test_caps_by_level_share_what_was_counted() -> None:
    """Who is known better since noon has still had the morning's amounts; each counts once."""
    card, verified = ({"identity_level": {"in": [level]}} for level in ("card", "verified"))
    made = program(
        limits=[
            limit("card", 1, most=150, when=card, counter="citizen-day"),
            limit("verified", 2, most=320, when=verified, counter="citizen-day"),
            limit("all", 3, most=400, counter="citizen-day"),
        ]
    )
    early = act(identity_level="card")
    cents, counters = run(made, early, early, act(), act(), act())
    assert cents == [100, 50, 100, 70, 0]
    assert counters == {made.keys(act())[0]: 320}
    assert len(made.keys(act())) == 1


PERIOD_BOUNDS = [  # the last moment of one period and the first of the next, in UTC
    ("day", "Europe/Paris", "2031-05-14T21:59:59", "2031-05-14T22:00:00", "2031-05-14"),
    ("day", "UTC", "2031-05-14T23:59:59", "2031-05-15T00:00:00", "2031-05-14"),
    ("day", "Europe/Paris", "2031-03-29T22:59:59", "2031-03-29T23:00:00", "2031-03-29"),
    ("day", "Europe/Paris", "2031-03-30T21:59:59", "2031-03-30T22:00:00", "2031-03-30"),  # 23 h
    ("day", "Europe/Paris", "2031-10-26T22:59:59", "2031-10-26T23:00:00", "2031-10-26"),  # 25 h
    ("week", "Europe/Paris", "2031-05-18T21:59:59", "2031-05-18T22:00:00", "2031-W20"),
    ("month", "Europe/Paris", "2031-05-31T21:59:59", "2031-05-31T22:00:00", "2031-05"),
    ("month", "UTC", "2031-02-28T23:59:59", "2031-03-01T00:00:00", "2031-02"),
    ("year", "Europe/Paris", "2031-12-31T22:59:59", "2031-12-31T23:00:00", "2031"),
    ("month", "Pacific/Auckland", "2031-05-31T11:59:59", "2031-05-31T12:00:00", "2031-05"),
]


@pytest.mark.parametrize(("period", "zone", "last", "first", "label"), PERIOD_BOUNDS)
def test_each_limit_has_its_time_zone(
    period: str, zone: str, last: str, first: str, label: str
) -> None:
    made = program(limits=[limit("one", 1, period=period, time_zone=zone, most=1, **TRIPS)])
    one, two = (act(at=datetime.fromisoformat(text).replace(tzinfo=UTC)) for text in (last, first))
    assert run(made, one, one, two, two, one)[0] == [100, 0, 100, 0, 0]
    (key,) = made.keys(one)
    assert periods.label(period, key[2]) == label
    assert made.label(key) == ("one", "ana", label)
    assert periods.from_label(period, label) == key[2]
    begins = periods.following(period, key[2])
    assert begins is not None
    assert (
        periods.number(period, datetime(begins.year, begins.month, begins.day, tzinfo=UTC))
        == key[2] + 1
    )


def test_a_night_of_25_hours_is_one_day() -> None:
    """October's longest day: 24 hours and a half apart, the same trip limit."""
    made = program(limits=[limit("one", 1, most=1, **TRIPS)])
    early, late = (
        act(at=datetime(2031, 10, d, 22, m, tzinfo=UTC)) for d, m in ((25, 15), (26, 45))
    )
    assert run(made, early, late)[0] == [100, 0]
    assert periods.label("always", 0) == "always"
    assert periods.following("always", 0) is None


def test_the_callers_budget_bounds_too() -> None:
    made = program(limits=[limit("day", 1, most=500)])
    assert run(made, act(), budget=30) == ([30], {made.keys(act())[0]: 30})
    assert run(made, act(), budget=0) == ([0], {})
    assert run(made, act(), budget=-5) == ([0], {})
    assert made.decide(act(), {}, 30).by == ("budget",)
    assert made.decide(act(), {}, 100).by == ()
    assert [line.code for line in explain(made, act(), {}, 30).lines] == ["fixed", "budget"]


def test_a_number_kept_outside() -> None:
    names = {"numbers": ["purse"]}
    limits = [limit("all", 1, per="programme", period="always", most={"number": "purse"})]
    made = program(Outside(numbers={"purse": 140}), outside=names, limits=limits)
    assert run(made, act(), act())[0] == [100, 40]


def test_negative_amounts_make_room_and_a_credit_is_never_negative() -> None:
    members: dict[str, Any] = {
        "negative": "allowed",
        "adjustments": [{"id": "m", "order": 1, "minus": {"field": "contribution_cents"}}],
        "limits": [limit("day", 1, most=120)],
    }
    made = program(**members)
    takes = act(contribution_cents=150)
    cents, counters = run(made, act(), act(), takes, act(), act())
    assert cents == [100, 20, -50, 50, 0]
    assert sum(counters.values()) == 120
    owed, paid = 0, []
    for one in cents:
        credit, owed = settle(one, owed)
        paid.append(credit)
    assert (paid, owed) == ([100, 20, 0, 0, 0], 0)
    assert settle(30, 50) == (0, 20)
    assert settle(-30, 50) == (0, 80)
    assert settle(30, -50) == (80, 0)  # a correction left 50 to be added
    assert settle(30, -50, room=60) == (60, -20)
    assert settle(0, -50) == (0, -50)


def test_what_is_refused_earlier_counts_nothing() -> None:
    made = program(limits=[limit("day", 1, most=1, **TRIPS)], limits_order="in_turn", tariffs=[])
    assert run(made, act()) == ([0], {})
