"""Predicates of the language that facts don't have, and what unknown means."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.rewards.language.action import MissingOutsideError, Outside
from app.rewards.language.compiling import compile_rules
from app.rewards.language.explaining import explain
from app.rewards.language.open_ends import is_open
from app.rewards.language.predicates import expression
from app.rewards.language.source import Source, Used
from tests.unit.rewards.rules_world import AT, TARIFF, act, condition, program, rules

Fields = dict[str, Any]
TOWN = {"com": [{"code": "1", "from": "2031-05-14", "to": "2031-05-15"}, "9"]}
ZONES = {
    "town": {"codes": TOWN},
    "old": {"codes": {"com": ["1"], "dep": ["34"]}},
    "park": {"polygon": [[[0, 0], [4, 0], [4, 4], [0, 4]], [[1, 1], [3, 1], [3, 3], [1, 3]]]},
    "either": {"codes": {"com": ["5"]}, "polygon": [[[9, 9], [10, 9], [10, 10]]]},
}


def at(text: str) -> Fields:
    return {"at": datetime.fromisoformat(text).replace(tzinfo=UTC)}


CASES: list[tuple[dict[str, Any], list[tuple[Fields, bool]]]] = [
    ({"action_type": {"in": ["bike-trip"]}}, [({}, True), ({"action_type": "repair"}, False)]),
    ({"proof_level": {"in": ["evidenced"]}}, [({}, False), ({"proof_level": "evidenced"}, True)]),
    (
        {"identity_level": {"in": ["card", "contact"]}},
        [({}, False), ({"identity_level": "card"}, True)],
    ),
    (
        {"quantity": {"above": 10, "at_most": 20, "unknown": "fail"}},
        [({"quantity": q}, q in (11, 20)) for q in (10, 11, 20, 21, None)],
    ),
    (
        {"quantity": {"at_least": 10, "below": 20, "unknown": "pass"}},
        [({"quantity": q}, q in (10, 19, None)) for q in (9, 10, 19, 20, None)],
    ),
    ({"seats": {"at_least": 2}}, [({}, False), ({"seats": 0}, False), ({"seats": 2}, True)]),
    (
        {"revenue_cents": {"below": 9, "unknown": "pass"}},
        [({}, True), ({"revenue_cents": 9}, False)],
    ),
    (
        {
            "attester": {
                "admitted": [{"ids": ["desk"]}, {"from": "2031-06-01T00:00:00Z", "ids": []}]
            }
        },
        [({}, True), ({"attester": "other"}, False), (at("2031-06-01T00:00:00"), False)],
    ),
    (
        {"hours": {"from": "07:30", "before": "12:00"}},
        [(at(f"2031-05-14T{t}"), ok) for t, ok in (
            ("05:29:59", False), ("05:30:00", True), ("09:59:59", True), ("10:00:00", False))],
    ),
    (
        {"hours": {"from": "22:00", "before": "05:00", "time_zone": "UTC"}},
        [(at(f"2031-05-14T{t}"), ok) for t, ok in (
            ("21:59:00", False), ("22:00:00", True), ("04:59:59", True), ("05:00:00", False))],
    ),
    (  # the nights when clocks change: 2 to 3 is passed over in March, there twice in October
        {"hours": {"from": "02:00", "before": "03:00"}},
        [(at(text), ok) for text, ok in (
            ("2031-03-30T00:59:59", False), ("2031-03-30T01:00:00", False),
            ("2031-10-25T23:59:59", False), ("2031-10-26T00:00:00", True),
            ("2031-10-26T01:59:59", True), ("2031-10-26T02:00:00", False))],
    ),
    (
        {"recorded_within": {"days": 2, "unknown": "fail"}},
        [
            ({"recorded_at": AT + timedelta(days=2, hours=11)}, True),
            ({"recorded_at": AT + timedelta(days=2, hours=12)}, False),  # midnight in Paris
            ({"recorded_at": None}, False),
        ],
    ),
    (
        {"adult": {"who": "citizen", "unknown": "fail"}},
        [({"citizen_adult": a}, a is True) for a in (True, False, None)],
    ),
    (
        {"first_time": {"unknown": "fail"}},
        [({"first_time": a}, a is True) for a in (True, False, None)],
    ),
    (  # codes have their days, in the rule set's time zone
        {"in_zone": {"zone": "town", "end": "end", "unknown": "fail"}},
        [
            ({"end": {"com": "1"}}, True),
            ({"end": {"com": "1"}, **at("2031-05-13T22:00:00")}, True),
            ({"end": {"com": "1"}, **at("2031-05-13T21:59:59")}, False),
            ({"end": {"com": "1"}, **at("2031-05-15T21:59:59")}, True),
            ({"end": {"com": "1"}, **at("2031-05-15T22:00:00")}, False),
            ({"end": {"com": "9"}, **at("2099-01-01T00:00:00")}, True),
            ({"end": {"dep": "1"}}, False),
        ],
    ),
    (  # a ring with a hole
        {"in_zone": {"zone": "park", "end": "start", "unknown": "fail"}},
        [({"start_lonlat": p}, ok) for p, ok in (
            ((0.5, 0.5), True), ((2.0, 2.0), False), ((3.5, 3.5), True),
            ((5.0, 2.0), False), (None, False))],
    ),
    (
        {"in_zone": {"zone": "either", "end": "both", "unknown": "fail"}},
        [
            ({"start": {"com": "5"}, "end_lonlat": (9.9, 9.5)}, True),
            ({"start": {"com": "5"}}, False),
        ],
    ),
    (
        {"same_zone": {"zones": ["town", "old"], "unknown": "fail"}},
        [
            ({"start": {"com": "1"}, "end": {"com": "9"}}, True),
            ({"start": {"com": "9"}, "end": {"dep": "34"}}, False),
            ({"start": {"com": "1"}, "end": {"dep": "34"}}, True),
        ],
    ),
    (
        {"same_code": {"kind": "com", "unknown": "fail"}},
        [
            ({"start": {"com": "1"}, "end": {"com": "1"}}, True),
            ({"start": {"com": "1"}, "end": {"com": "2"}}, False),
            ({}, False),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("predicate", "tries"), CASES, ids=[next(iter(p)) for p, _ in CASES])
def test_a_predicate(predicate: dict[str, Any], tries: list[tuple[Fields, bool]]) -> None:
    made = program(zones=ZONES, conditions=[condition(predicate)])
    for fields, ok in tries:
        result = made.decide(act(**fields), {})
        assert result.cents == 100 * ok, fields
        assert result.by == (() if ok else ("one",))
        assert explain(made, act(**fields), {}).cents == result.cents


# What isn't known, by the predicate that looks at it.
OPEN: list[dict[str, Any]] = [
    {"proof_class": {"in": ["C"]}},
    {"distance_m": {"at_least": 1}},
    {"recorded_within": {"days": 3}},
    {"adult": {"who": "other"}},
    {"first_time": {}},
    {"in_zone": {"zone": "town", "end": "either"}},
    {"in_zone": {"zone": "park", "end": "both"}},
    {"same_zone": {"zones": ["town", "park"]}},
    {"same_code": {"kind": "com"}},
]
UNKNOWN = act(distance_m=None, recorded_at=None)


@pytest.mark.parametrize("predicate", OPEN, ids=[next(iter(p)) for p in OPEN])
def test_unknown_passes_fails_or_asks(predicate: dict[str, Any]) -> None:
    """Said by the entry around it, required or excluded; and said by itself, whatever is around."""
    ((kind, said),) = predicate.items()
    for word in ("require", "exclude"):
        for unknown, cents, before in (("pass", 100, 100), ("fail", 0, 0), ("ask", 0, None)):
            made = program(zones=ZONES, conditions=[condition(predicate, word, unknown=unknown)])
            told = explain(made, UNKNOWN, {})
            assert (told.before, told.cents) == (before, cents)
            assert made.decide(UNKNOWN, {}) == (before, cents, told.by)
            if unknown == "ask":
                assert [line.code for line in told.lines] == ["to_find_out"]
    for unknown, holds in (("pass", True), ("fail", False)):
        closed = {kind: {**said, "unknown": unknown}}
        assert not is_open(closed)
        for word, cents in (("require", 100 * holds), ("exclude", 100 * (not holds))):
            made = program(zones=ZONES, conditions=[condition(closed, word)])
            assert made.decide(UNKNOWN, {}).cents == cents


def test_unknown_matters_only_where_it_decides() -> None:
    asks: dict[str, Any] = {"first_time": {}}
    no, yes = {"weekday": {"in": [7]}}, {"weekday": {"in": [3]}}
    for predicate, before in (
        ({"all": [asks, no]}, 0),
        ({"any": [asks, yes]}, 100),
        ({"all": [asks, yes]}, None),
        ({"any": [asks, no]}, None),
        ({"not": {"any": [yes, asks]}}, 0),
        ({"not": asks}, None),
    ):
        made = program(conditions=[condition(predicate, unknown="ask")])
        assert made.worth(act())[0] == before
        assert explain(made, act(), {}).before == before
    where = condition({"distance_m": {"at_least": 9}}, when=asks, unknown="ask")
    assert program(conditions=[where]).worth(act())[0] == 100
    assert program(conditions=[where]).worth(act(distance_m=1))[0] is None


def test_words_and_made_functions_agree_on_what_is_open() -> None:
    source = Source(rules(zones=ZONES), Outside())
    for predicate in [
        *OPEN,
        *(predicate for predicate, _ in CASES),
        {"all": OPEN},
        {"not": OPEN[0]},
    ]:
        assert expression(predicate, Used(source)).open == is_open(predicate)
    for one, other in (("pass", "ask"), ("ask", "fail"), ("fail", "pass")):
        predicate = {"same_code": {"kind": "com", "unknown": one, "both_unknown": other}}
        assert expression(predicate, Used(source)).open == is_open(predicate)


def test_what_is_kept_outside_is_given_by_its_name() -> None:
    names = {"calendars": ["holidays"], "zones": ["area"], "numbers": []}
    conditions = [
        condition({"in_calendar": {"calendar": "holidays"}}, "exclude"),
        condition({"in_zone": {"zone": "area", "end": "end"}}, unknown="fail")
        | {"id": "two", "order": 2},
    ]
    given = Outside(
        calendars={"holidays": [date(2031, 5, 15)]}, zones={"area": {"codes": {"com": ["1"]}}}
    )
    made = program(given, outside=names, conditions=conditions)
    here = {"end": {"com": "1"}}
    assert made.decide(act(**here), {}).cents == 100
    assert made.decide(act(**here, **at("2031-05-14T22:00:00")), {}).by == ("one",)
    assert made.decide(act(), {}).by == ("two",)
    with pytest.raises(MissingOutsideError, match="calendar holidays"):
        program(outside=names, conditions=conditions)


def test_no_text_of_the_rules_gets_into_the_source() -> None:
    evil = "x' or __import__('os')"
    made = program(
        zones={"z": {"codes": {"com": [evil]}}},
        conditions=[
            condition({"partner": {"admitted": [{"ids": [evil]}]}}, "exclude"),
            condition({"in_zone": {"zone": "z", "end": "end", "unknown": "fail"}}, "exclude")
            | {"id": "two", "order": 2},
        ],
    )
    assert evil not in made.source
    assert not {"'", '"'} & set(made.source.replace("''", ""))
    assert made.decide(act(end={"com": evil}), {}).by == ("two",)
    unchecked = rules(tariffs=[{**TARIFF, "measure": evil, "steps": [{"from": 1}]}])
    with pytest.raises(ValueError, match="an action has no"):
        compile_rules(unchecked)
