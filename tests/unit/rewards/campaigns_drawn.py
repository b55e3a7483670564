"""Campaigns as hypothesis draws them, in the format of facts: members left out, of null, or odd;
instants at midnights of UTC and elsewhere, ends of months, a leap day, nights of other clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

TIME_ZONES = ("Europe/Paris", "Europe/Paris", "UTC", "Indian/Reunion", "America/St_Johns")
KINDS = ("com", "epci", "country")
BOUNDS = (0, 999, 2000, 4999, 7500, 20000, 30001)
TURNS = [
    datetime(2028, 2, 28, 23, tzinfo=UTC),  # the leap day in Paris
    datetime(2028, 2, 29, 23, tzinfo=UTC),
    datetime(2028, 3, 26, 1, tzinfo=UTC),  # clocks go forward
    datetime(2028, 10, 29, 0, tzinfo=UTC),  # 2 in the morning, for the first time
    datetime(2028, 10, 29, 1, tzinfo=UTC),  # and back
    datetime(2028, 12, 31, 23, tzinfo=UTC),
]
SQUARES = {
    "square": [[0, 0], [4, 0], [4, 4], [0, 4]],
    "holed": [[[-2, -2], [6, -2], [6, 6], [-2, 6]], [[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]],
}
Drawn = st.SearchStrategy[Any]

moments = st.builds(
    lambda turn, seconds: turn + timedelta(seconds=seconds),
    st.sampled_from(TURNS),
    st.sampled_from([-86400, -3600, -1, 0, 0, 1, 3599, 3600, 86399]),
)
instants = moments.map(lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}")
days = moments.map(lambda at: f"{at:%Y-%m-%d}")
metres = st.builds(
    lambda bound, more: max(0, bound + more), st.sampled_from(BOUNDS), st.sampled_from([-1, 0, 1])
)
FRACTIONS = tuple(map(Decimal, ("12.5", "0.5", "33.333", "2.675", "-0.5")))
cents = st.sampled_from([0, 1, 10, 50, 150, 200, -20, *FRACTIONS])
codes = {kind: st.sampled_from(["1", "2", 3]) for kind in KINDS}
ends = st.fixed_dictionaries({}, optional={k: st.none() | v for k, v in codes.items()})


def some(**optional: Drawn) -> Drawn:
    """An object that may have these members."""
    return st.fixed_dictionaries({}, optional=optional)


def bounds(value: Drawn, first: str, last: str) -> Drawn:
    """In their order, one of them, or none."""
    pairs = st.lists(value, min_size=2, max_size=2).map(sorted)
    both = pairs.map(lambda pair: dict(zip((first, last), pair, strict=True)))
    return both | st.builds(dict, **{first: value}) | st.builds(dict, **{last: value})


listed = st.lists(st.sampled_from(["1", 2, "3"]), min_size=1, max_size=2)
zones: Drawn = st.one_of(
    st.just("area"),
    st.just("wide"),
    st.builds(dict, com=st.just("towns")),
    some(com=listed, epci=listed, country=st.just(["1"])),
)
leaves = st.one_of(
    st.builds(dict, distance_m=bounds(metres, "min", "below")),
    st.builds(lambda classes: {"class": classes}, st.sampled_from(["C", ["B", "C"], []])),
    st.just({"passenger_adult": "not_known_minor"}),
    st.builds(dict, start_in=zones),
    st.builds(dict, start_in=zones, end_in=zones),
    st.builds(dict, same_code=st.sampled_from(KINDS)),
    st.builds(dict, weekday=st.sampled_from([[7], 2, [1, 2, 3, 4, 5]])),
    st.builds(dict, contribution_cents=bounds(st.sampled_from([-1, 0, 1, 100]), "min", "below")),
    st.builds(dict, both_ends_inside=st.sampled_from([*SQUARES])),
    st.builds(dict, instant=bounds(instants, "from", "before")),
    st.builds(dict, utc_day=bounds(days, "from", "to")),
    st.builds(dict, local_day=bounds(days, "from", "to")),
    st.builds(lambda days: {"local_day": {"in": days}}, st.just("booster_days")),
    st.builds(lambda days: {"utc_day": {"in": days}}, st.lists(days, max_size=2)),
)
predicates = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(dict, all=st.lists(inner, max_size=3)),
        st.builds(dict, any=st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda one: {"not": one}, inner),
    ),
    max_leaves=4,
)
# Most entries hold always: else hardly anything would earn, and nothing be tried.
whens: Drawn = st.one_of(*[st.none()] * 5, predicates)


def few(entries: Drawn, most: int) -> Drawn:
    """None more often than some."""
    some_of_them = st.lists(entries, min_size=1, max_size=most)
    return st.one_of(st.just([]), st.just([]), some_of_them)


steps = some(
    from_m=metres,
    below_m=st.none() | metres,
    fixed_cents=cents,
    seat_cents=cents,
    km_cents=cents,
    km_from_m=st.none() | metres,
    km_to_m=st.none() | metres,
    km_part_max_cents=st.sampled_from([None, None, 125, Decimal("33.5"), 0]),
    km_rounding=st.sampled_from([None, "nearest_whole_km"]),
    times_seats=st.booleans(),
    when=whens,
)
LAST = {
    "bands": "cumulative",
    "steps": [{"seat_cents": 80}, {"from_m": 2000, "km_cents": Decimal("7.25")}],
}
tariffs = st.fixed_dictionaries(
    {"steps": st.lists(steps, max_size=3), "bands": st.sampled_from(["cumulative", "exclusive"])},
    optional={"when": whens},
)
PAID = "passenger_contribution_cents"
factors = st.fixed_dictionaries(
    {"times": st.sampled_from([2, Decimal("1.5"), Decimal("0.333")])}, optional={"when": whens}
)
amounts = st.fixed_dictionaries(
    {"tariffs": few(tariffs, 2).map(lambda found: [*found, LAST])},
    optional={
        "minus": st.sampled_from([None, None, PAID]),
        "at_most_cents": st.sampled_from([None, None, 200, Decimal("33.25"), 0]),
        "factors": few(factors, 2),
        "at_least": st.sampled_from([None, None, PAID, "driver_revenue_cents"]),
    },
)  # fmt: skip
MOST = {
    "max_trips": st.integers(0, 4),
    "max_seats": st.integers(1, 6),
    "max_cents": st.sampled_from([0, 1, 79, 80, 81, 250, 700, "budget"]),
}
limits = st.sampled_from(sorted(MOST)).flatmap(
    lambda word: st.fixed_dictionaries(
        {
            "per": st.sampled_from(["driver", "passenger", "trip", "campaign"]),
            "period": st.sampled_from(["day", "week", "month", "year", "always"]),
            word: MOST[word],
        },
        optional={"when": whens},
    )
)


def counted(limit: dict[str, Any]) -> tuple[str, ...]:
    """What tells its counter from those of others."""
    return (limit["per"], limit["period"], *(word for word in MOST if word in limit))


ALWAYS = {"from": "2020-01-01T00:00:00Z", "operators": ["one", "two"]}
operators = st.builds(
    lambda begin, last: [{"from": begin, "operators": ["one"]}, ALWAYS][:: 1 if last else -1],
    instants,
    st.booleans(),
)
requirements: Drawn = st.one_of(
    st.builds(dict, require=predicates, when=whens), st.builds(dict, exclude=predicates, when=whens)
)
MIDDLE, EDGE, OUTER = [2, 2], [Decimal("0.5"), Decimal("3.5")], [5, 5]
# What a journey says other than the defaults do.
ODD: list[dict[str, Any]] = [
    *({"seats": seats} for seats in (None, 0, 2, 3)),
    *({"operator": one} for one in ("two", "none", None)),
    *({"class": one} for one in ("A", "B", None)),
    *({"driver": "e", "passenger": one} for one in ("p", "q", 7)),
    *({"trip": "t", "operator_id": one} for one in (1, 2, None)),
    *({"trip": one} for one in ("t", 1, "")),
    *({"passenger_adult": one} for one in (False, None)),
    *({"passenger_contribution_cents": one} for one in (0, 1, 100, 333)),
    *({"driver_revenue_cents": one} for one in (0, 900)),
    *({"start": {"com": one, "country": "1"}} for one in ("2", 3, "", None)),
    *({"end": {"com": one, "epci": "2"}} for one in ("1", 3, None)),
    {"start": {"epci": 2}, "end": {"epci": "2"}},
    {"start": None, "end": {}},
    *({"start_lonlat": MIDDLE, "end_lonlat": one} for one in (EDGE, OUTER, [7, 7], None)),
    {"start_lonlat": EDGE, "end_lonlat": EDGE},
]
journeys = st.builds(
    lambda at, metres, odd: {"at": at, "distance_m": metres, **{k: o[k] for o in odd for k in o}},
    instants,
    metres,
    st.lists(st.sampled_from(ODD), max_size=3),
)
DEFAULTS = {
    "class": "C",
    "operator": "one",
    "driver": "d",
    "passenger": "p",
    "passenger_adult": True,
    "start": {"com": "1", "epci": "1", "country": "1"},
    "end": {"com": "2", "epci": "1", "country": "1"},
}
RULES = {
    "zones": {"towns": ["1", "3"], "wide": {"com": ["2"], "epci": [3]}},
    "shapes": SQUARES,
}
rules = st.fixed_dictionaries(
    {
        "tz": st.sampled_from(TIME_ZONES),
        "operators": st.none() | operators,
        "requirements": few(requirements, 1),
        "amount": amounts,
        "limits": st.lists(limits, min_size=1, max_size=4, unique_by=counted),
    }
)
settings = st.fixed_dictionaries(
    {
        "budget_cents": st.sampled_from([10**9, 500, 0]),
        "area": st.sampled_from([{"country": ["1"]}, {"com": "towns"}, None]),
        "booster_days": st.lists(days, max_size=2),
    }
)
campaigns = st.builds(
    lambda rules, settings, journeys: {
        "rules": {**rules, **RULES},
        "defaults": {"journey": DEFAULTS, "settings": settings},
        "cases": [{"journeys": journeys}],
    },
    rules,
    settings,
    st.lists(journeys, min_size=12, max_size=24),
)
