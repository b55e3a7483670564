"""A programme's life: what may follow what, and the days on which it happens by itself.

draft → published → running ⇄ paused → closing → closed → archived. An end that two officers did
not announce doesn't come: until then tokens can be spent past the last day that was published.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app import changes
from app.errors import Problem
from app.letter_times import date_words
from app.rewards.models import Programme, ProgrammeState
from app.spans import Days

S = ProgrammeState
FOLLOWS: Mapping[ProgrammeState, frozenset[ProgrammeState]] = {
    S.DRAFT: frozenset({S.PUBLISHED}),
    S.PUBLISHED: frozenset({S.RUNNING}),
    S.RUNNING: frozenset({S.PAUSED, S.CLOSING}),
    S.PAUSED: frozenset({S.RUNNING, S.CLOSING}),
    S.CLOSING: frozenset({S.CLOSED}),
    S.CLOSED: frozenset({S.ARCHIVED}),
    S.ARCHIVED: frozenset(),
}
ENDED = frozenset({S.CLOSED, S.ARCHIVED})
RULED = frozenset({S.DRAFT, S.PUBLISHED, S.RUNNING, S.PAUSED})  # rules may still change
NOTHING_TO_SPEND = frozenset({S.DRAFT, S.PUBLISHED, S.CLOSING}) | ENDED
TIME_TO_SPEND = timedelta(days=90)  # between the last day to earn and the last day to spend
NOTICE = timedelta(days=30)  # between the announcement and the last day to spend
SHORT_NOTICE = timedelta(days=1)  # of the demo's labelled short timetable
TIME_TO_CLOSE = timedelta(days=30)  # after the last day to spend; the contract's own rule


WORDS: Mapping[str, Mapping[ProgrammeState, str]] = {
    "en": {
        S.DRAFT: "a draft", S.PUBLISHED: "published", S.RUNNING: "running", S.PAUSED: "paused",
        S.CLOSING: "closing", S.CLOSED: "closed", S.ARCHIVED: "archived",
    },
    "fr": {
        S.DRAFT: "à l’état de projet", S.PUBLISHED: "publié", S.RUNNING: "en cours",
        S.PAUSED: "en pause", S.CLOSING: "en clôture", S.CLOSED: "clos", S.ARCHIVED: "archivé",
    },
}  # fmt: skip


@dataclass(frozen=True)
class StateWords:
    """States as a sentence says them."""

    states: tuple[ProgrammeState, ...]

    def said(self, language: str) -> str:
        known = WORDS.get(language, WORDS["en"])
        return ", ".join(known[state] for state in self.states) or "–"


@dataclass(frozen=True)
class DayWords:
    """A day as a sentence says it."""

    day: date

    def said(self, language: str) -> str:
        return date_words(self.day, language)


def turn(
    session: Session,
    programme: Programme,
    after: ProgrammeState,
    *,
    by: UUID | None,
    now: datetime,
    forced: bool = False,
) -> None:
    """On record. `forced`: the chain says so, whatever was expected. Raises programme-state."""
    before = programme.state
    if not forced:
        check_step(programme, after)
    programme.state = after
    words = {"state": before.value}, {"state": after.value}
    changes.note(session, changes.STATE, programme.id, *words, by=by, now=now)
    session.flush()


def check_step(programme: Programme, after: ProgrammeState) -> None:
    """Raises Problem programme-state, which says in which states it would be right."""
    check_from(programme, {one for one, then in FOLLOWS.items() if after in then})


def check_from(programme: Programme, allowed: Collection[ProgrammeState]) -> None:
    """Raises Problem programme-state, which says in which states it would be right."""
    if programme.state not in allowed:
        raise _refused(programme, allowed)


def _refused(programme: Programme, allowed: Collection[ProgrammeState]) -> Problem:
    right = [one for one in ProgrammeState if one in allowed]
    state, then = StateWords((programme.state,)), StateWords(tuple(right))
    return Problem("programme-state", state=state, allowed=then)


def begin(session: Session, programme: Programme, now: datetime) -> bool:
    """A published programme runs from its first day on."""
    if programme.state is not S.PUBLISHED or today_of(programme, now) < programme.first_day:
        return False
    turn(session, programme, S.RUNNING, by=None, now=now)
    return True


def stop_spending(session: Session, programme: Programme, now: datetime) -> bool:
    """After the last day to spend of an end that was announced."""
    if S.CLOSING not in FOLLOWS[programme.state] or not spending_over(programme, now):
        return False
    turn(session, programme, S.CLOSING, by=None, now=now)
    return True


def spending_over(programme: Programme, now: datetime) -> bool:
    """Whether nothing is accepted any more, of payments and a shop's refunds alike."""
    if programme.state in NOTHING_TO_SPEND:
        return True
    announced = programme.end_announced_at is not None
    return announced and today_of(programme, now) > programme.last_day_to_spend


def closable_from(programme: Programme) -> datetime:
    """The first moment at which the contract lets it be closed."""
    day = programme.last_day_to_spend + timedelta(days=1)
    begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(programme.time_zone))
    return begin.astimezone(UTC) + TIME_TO_CLOSE  # in hours that pass, as the contract counts


def check_time_to_spend(earn: date, spend: date, *, short: bool) -> None:
    """Raises Problem too-short-to-spend."""
    if not short and spend - earn < TIME_TO_SPEND:
        first, days = DayWords(earn + TIME_TO_SPEND), Days(TIME_TO_SPEND.days)
        raise Problem("too-short-to-spend", field="last_day_to_spend", days=days, first=first)


def today_of(programme: Programme, now: datetime) -> date:
    return now.astimezone(ZoneInfo(programme.time_zone)).date()
