"""Whatever the rules and the history: never over a limit or budget, explained to the cent, the
same again, and the fast way equals the slow one. Times are drawn around midnights, ends of months
and the nights when clocks change; measures around the bounds that the rules name.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.rewards.language import periods
from app.rewards.language.action import Action
from app.rewards.language.compiling import Program
from app.rewards.language.counting import Key
from app.rewards.language.credit import settle
from app.rewards.language.explaining import explain
from app.rewards.language.form import canonical
from app.rewards.language.words import sentences
from tests.unit.rewards.rules_drawn import histories, rule_sets, times
from tests.unit.rewards.rules_world import program

# The same examples each time, and no time limit: a slow machine fails nothing.
SAME = settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def replay(
    made: Program, history: list[Action], budget: int | None = None
) -> tuple[Any, dict[Key, int]]:
    counters: dict[Key, int] = {}
    return [made.decide(one, counters, budget) for one in history], counters


@SAME
@given(rule_sets(), histories, st.none() | st.integers(0, 400))
def test_explained_to_the_cent_and_the_same_by_both_ways(
    members: dict[str, Any], history: list[Action], budget: int | None
) -> None:
    made = program(**members)
    fast: dict[Key, int] = {}
    slow: dict[Key, int] = {}
    for one in history:
        found, told = made.decide(one, fast, budget), explain(made, one, slow, budget)
        assert (found.before, found.cents, found.by) == (told.before, told.cents, told.by)
        assert fast == slow
        assert sum(line.cents for line in told.lines) == told.cents
        assert told.lines or told.cents == 0
        for language in ("en", "fr"):
            assert all(sentences(told.lines, language))


@SAME
@given(rule_sets(orders=("together",)), histories, st.none() | st.integers(0, 400))
def test_never_over_a_limit_or_the_budget(
    members: dict[str, Any], history: list[Action], budget: int | None
) -> None:
    made = program(**members)
    most = {entry["id"]: entry["most"] for entry in members["limits"]}
    counters: dict[Key, int] = {}
    left, allowed = budget, members["negative"] == "allowed"
    for one in history:
        before = dict(counters)
        found = made.decide(one, counters, left)
        assert found.before is None or found.cents <= max(0, found.before)
        assert allowed or found.cents >= 0
        if left is not None:
            assert found.cents <= max(0, left)
            left -= found.cents
        for key, value in counters.items():
            assert value <= most[key[0]]
            assert key in made.keys(one) or value == before[key]
        if not found.cents:
            assert counters == before, "what gives nothing counts nothing"


@SAME
@given(rule_sets(), histories, st.integers(0, 400))
def test_a_replay_gives_the_same(
    members: dict[str, Any], history: list[Action], budget: int
) -> None:
    """From nothing, from the canonical rules, and from any point on with the counters kept."""
    made = program(**members)
    whole, counters = replay(made, history, budget)
    assert replay(made, history, budget) == (whole, counters)
    assert replay(program(**canonical(made.rules)), history, budget) == (whole, counters)
    kept: dict[Key, int] = {}
    split = len(history) // 2
    halves = [made.decide(one, kept, budget) for one in history[:split]]
    kept = dict(kept)
    halves += [program(**members).decide(one, kept, budget) for one in history[split:]]
    assert (halves, kept) == (whole, counters)


@SAME
@given(st.sampled_from(periods.PERIODS), times)
def test_periods_have_one_name_and_no_gap(period: str, at: datetime) -> None:
    value = periods.number(period, at)
    assert periods.from_label(period, periods.label(period, value)) == value
    following = periods.following(period, value)
    if following is not None:
        midnight = datetime(following.year, following.month, following.day, tzinfo=UTC)
        assert periods.number(period, midnight) == value + 1
        assert periods.number(period, midnight - timedelta(seconds=1)) == value


@SAME
@given(st.lists(st.integers(-300, 300), max_size=20))
def test_a_credit_is_never_negative_and_nothing_is_lost(amounts: list[int]) -> None:
    owed, paid = 0, 0
    for one in amounts:
        credit, owed = settle(one, owed)
        assert credit >= 0
        assert owed >= 0
        paid += credit
    assert paid - owed == sum(amounts)
