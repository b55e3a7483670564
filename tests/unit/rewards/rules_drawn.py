"""Rule sets, actions and histories as hypothesis draws them: around midnights, ends of months, the
nights when clocks change, and the bounds that the rules name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from app.rewards.language import periods
from app.rewards.language.action import Action

ZONES = ("UTC", "Europe/Paris", "Pacific/Auckland")
BOUNDS = (0, 1000, 2000, 5000, 10000)
TURNS = [
    datetime(2031, 5, 14, 22, tzinfo=UTC),  # midnight in Paris
    datetime(2031, 5, 31, 22, tzinfo=UTC),  # a month's end
    datetime(2031, 12, 31, 23, tzinfo=UTC),
    datetime(2031, 3, 30, 1, tzinfo=UTC),  # clocks go forward
    datetime(2031, 10, 26, 1, tzinfo=UTC),  # and back
]
CODES = st.sampled_from([{}, {"com": "1"}, {"com": "2", "dep": "3"}, {"dep": "3"}])
numbers = st.sampled_from([b + d for b in BOUNDS for d in (-1, 0, 1) if b + d >= 0])
decimals = st.sampled_from(["100", "0.5", "33.333", "12.5", "250.125", "7"])
times = st.builds(
    lambda turn, seconds: turn + timedelta(seconds=seconds),
    st.sampled_from(TURNS),
    st.sampled_from([-86400, -3600, -1, 0, 1, 1800, 3600, 86399]),
)
actions = st.builds(
    Action,
    at=times,
    citizen=st.sampled_from(["ana", "ben"]),
    other=st.sampled_from(["ana", "ben", None]),
    trip=st.sampled_from(["t", None]),
    distance_m=st.none() | numbers,
    quantity=st.none() | numbers,
    seats=st.sampled_from([None, 0, 1, 3]),
    contribution_cents=st.none() | st.integers(0, 300),
    other_adult=st.none() | st.booleans(),
    start=CODES,
    end=CODES,
)
unknown = st.sampled_from([{}, {"unknown": "pass"}, {"unknown": "fail"}, {"unknown": "ask"}])
settled = st.sampled_from([{"unknown": "pass"}, {"unknown": "fail"}, {"unknown": "ask"}])


def _with(**parts: Any) -> Any:
    return st.fixed_dictionaries(parts)


def _leaf(kind: str, said: Any) -> Any:
    return st.builds(lambda one, more: {kind: {**one, **more}}, said, unknown)


leaves = st.one_of(
    _leaf("distance_m", _with(at_least=numbers)),
    _leaf("quantity", _with(below=numbers)),
    _leaf("contribution_cents", _with(above=st.integers(0, 300))),
    _leaf("adult", st.just({"who": "other"})),
    _leaf(
        "in_zone", _with(zone=st.just("z"), end=st.sampled_from(["start", "end", "both", "either"]))
    ),
    _leaf("same_code", st.just({"kind": "com"})),
    _with(
        weekday=_with(**{"in": st.lists(st.integers(1, 7), min_size=1, max_size=6, unique=True)})
    ),
    _with(hours=_with(**{"from": st.just("22:00"), "before": st.sampled_from(["01:00", "23:00"])})),
    _with(day=_with(**{"from": st.just("2031-05-15"), "time_zone": st.sampled_from(ZONES)})),
)
predicates = st.recursive(
    leaves,
    lambda inner: st.one_of(
        _with(all=st.lists(inner, max_size=3)),
        _with(any=st.lists(inner, max_size=3)),
        _with(**{"not": inner}),
    ),
    max_leaves=5,
)
# Most entries hold always: else hardly anything would earn, and nothing be tried.
whens: Any = st.one_of(
    st.just({}),
    st.just({}),
    st.just({}),
    st.builds(lambda p, more: {"when": p, **more}, predicates, settled),
)
pers = st.builds(
    lambda of, more: {**of, **more},
    _with(
        of=st.sampled_from(["distance_m", "quantity"]), cents=decimals,
        size=st.sampled_from([1, 3, 1000]), offset=st.sampled_from([0, 1000]),
    ),
    st.sampled_from([{}, {"limit": 2000}, {"max_cents": "70.5"}, {"under_offset": "subtracts"},
                     {"round_to": {"size": 1000, "mode": "half_even"}}]),
)  # fmt: skip
steps = st.builds(
    lambda base, per, when: {**base, **({"per": per} if per else {}), **when},
    _with(**{"from": st.sampled_from(BOUNDS), "fixed_cents": decimals, "seat_cents": decimals,
             "times_seats": st.booleans(), "below": st.sampled_from(BOUNDS)}),
    st.none() | pers,
    whens,
)  # fmt: skip
tariffs = st.builds(
    lambda bands, found, when: {"bands": bands, "steps": found, **when},
    st.sampled_from(["cumulative", "exclusive"]),
    st.lists(steps, min_size=1, max_size=3),
    whens,
)
values = st.sampled_from(
    [
        {"cents": "99.5"},
        {"cents": 60},
        {"field": "contribution_cents"},
        {"field": "contribution_cents", "unknown_cents": 20},
    ]
)
adjustments = st.builds(
    lambda change, when: {**change, **when},
    st.one_of(
        st.sampled_from([{"times": "1.5"}, {"times": "0.333"}, {"times": 2}]),
        *(st.builds(lambda v, k=kind: {k: v}, values) for kind in ("minus", "at_most", "at_least")),
    ),
    whens,
)


@st.composite
def limits(draw: Any) -> dict[str, Any]:
    counts = draw(st.sampled_from(["actions", "seats", "cents", "cents"]))
    ways = {"actions": ["refuse"], "seats": ["refuse"], "cents": ["cut", "cut", "refuse"]}
    most = {
        "actions": st.integers(1, 4),
        "seats": st.integers(2, 8),
        "cents": st.sampled_from([30, *(n + d for n in (92, 185) for d in (-1, 0, 1, 2)), 700]),
    }
    return {
        "per": draw(st.sampled_from(["citizen", "other", "pair", "trip", "programme"])),
        "period": draw(st.sampled_from(periods.PERIODS)),
        "counts": counts,
        "most": draw(most[counts]),
        "time_zone": draw(st.sampled_from(ZONES)),
        "at_limit": draw(st.sampled_from(ways[counts])),
        "unknown_who": draw(st.sampled_from(["pass", "fail", "ask"])),
        **draw(whens),
    }


def few(entries: Any, most: int = 2) -> Any:
    """None as often as some."""
    return st.one_of(st.just([]), st.lists(entries, min_size=1, max_size=most))


# Whoever fits no other tariff earns by this one.
LAST: dict[str, Any] = {
    "bands": "cumulative",
    "steps": [{"fixed_cents": "80.25"}, {"seat_cents": "12.5"}],
}


def _numbered(entries: list[dict[str, Any]], names: Any) -> list[dict[str, Any]]:
    return [{"id": f"e{next(names)}", "order": i, **one} for i, one in enumerate(entries, 1)]


@st.composite
def rule_sets(draw: Any, *, orders: tuple[str, ...] = ("together", "in_turn")) -> dict[str, Any]:
    names = count()
    conditions = st.builds(
        lambda word, p, more: {word: p, **more},
        st.sampled_from(["require", "exclude"]),
        predicates,
        settled,
    )
    return {
        "zones": {"z": {"codes": {"com": ["1"], "dep": [{"code": "3", "from": "2031-05-15"}]}}},
        "conditions": _numbered(draw(few(conditions)), names),
        "tariffs": _numbered([*draw(few(tariffs)), LAST], names),
        "adjustments": _numbered(draw(few(adjustments, 3)), names),
        "limits": _numbered(draw(st.lists(limits(), min_size=1, max_size=4)), names),
        "limits_order": draw(st.sampled_from(orders)),
        "negative": draw(st.sampled_from(["zero", "allowed"])),
        "rounding": draw(st.sampled_from(["half_up", "half_even", "down", "up"])),
        "time_zone": draw(st.sampled_from(ZONES)),
    }


histories = st.lists(actions, min_size=4, max_size=10)
