"""What may follow what in a programme's life, and the days on which it happens."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

import pytest

from app.errors import Problem
from app.rewards import life, problems
from app.rewards.models import Programme, ProgrammeState

S = ProgrammeState
WAY = {
    (S.DRAFT, S.PUBLISHED), (S.PUBLISHED, S.RUNNING), (S.RUNNING, S.PAUSED), (S.PAUSED, S.RUNNING),
    (S.RUNNING, S.CLOSING), (S.PAUSED, S.CLOSING), (S.CLOSING, S.CLOSED), (S.CLOSED, S.ARCHIVED),
}  # fmt: skip
LAST = date(2026, 12, 31)
NOON = datetime(2026, 12, 31, 11, tzinfo=UTC)
BEFORE_MIDNIGHT = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)  # in Paris
MIDNIGHT = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)


def season(state: ProgrammeState, *, announced: bool = True) -> Programme:
    return Programme(
        chain_id=bytes(32), slug="season", name={"fr": "Saison", "en": "Season"},
        token_symbol="JET", state=state, first_day=date(2026, 1, 1), last_day_to_earn=LAST,
        last_day_to_spend=LAST, created_at=NOON, end_announced_at=NOON if announced else None,
    )  # fmt: skip


def test_the_way_is_the_table_and_nothing_else() -> None:
    every = set(itertools.product(ProgrammeState, ProgrammeState))
    assert {(one, after) for one, after in every if after in life.FOLLOWS[one]} == WAY


@pytest.mark.parametrize(("before", "after"), sorted(
    set(itertools.product(ProgrammeState, ProgrammeState)) - WAY, key=str))  # fmt: skip
def test_a_refused_step_says_what_would_be_right(
    before: ProgrammeState, after: ProgrammeState
) -> None:
    right = {one for one, then in WAY if then is after}
    with pytest.raises(Problem, match="programme-state") as caught:
        life.check_step(season(before), after)
    for language in ("en", "fr"):
        said = caught.value.sentence(language)
        assert life.WORDS[language][before] in said.title
        assert all(life.WORDS[language][one] in said.detail for one in right)
        assert "{" not in said.title + said.detail


@pytest.mark.parametrize(
    ("state", "announced", "now", "over"),
    [
        (S.RUNNING, True, BEFORE_MIDNIGHT, False),
        (S.RUNNING, True, MIDNIGHT, True),
        (S.PAUSED, True, BEFORE_MIDNIGHT, False),
        (S.RUNNING, False, MIDNIGHT, False),
        (S.CLOSING, True, NOON, True),
        (S.CLOSED, True, NOON, True),
        (S.ARCHIVED, True, NOON, True),
        (S.DRAFT, False, NOON, True),
        (S.PUBLISHED, False, NOON, True),
    ],
)
def test_spending_ends_with_the_last_day_of_an_announced_end(
    state: ProgrammeState, announced: bool, now: datetime, over: bool
) -> None:
    assert life.spending_over(season(state, announced=announced), now) is over


def test_it_closes_thirty_times_24_hours_later_whatever_clocks_are_turned() -> None:
    """In Paris an hour is left out on 28 March 2027, in between."""
    programme = season(S.CLOSING)
    programme.last_day_to_spend = date(2027, 3, 14)
    assert life.closable_from(programme) == datetime(2027, 4, 13, 23, tzinfo=UTC)


@pytest.mark.parametrize(("days", "refused"), [(89, True), (90, False)])
def test_ninety_days_are_left_to_spend(days: int, refused: bool) -> None:
    spend = date.fromordinal(LAST.toordinal() + days)
    if not refused:
        life.check_time_to_spend(LAST, spend, short=False)
        return
    life.check_time_to_spend(LAST, spend, short=True)
    with pytest.raises(Problem, match="too-short-to-spend") as caught:
        life.check_time_to_spend(LAST, spend, short=False)
    assert "31 March 2027" in caught.value.sentence("en").remedy
    assert problems.PROBLEMS["too-short-to-spend"][0] == caught.value.status
