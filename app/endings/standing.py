"""Where a programme stands on its way to the end, for the office's page and for programs alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.endings import announcing, returns
from app.endings.hindrances import hindrances
from app.errors import FieldProblem
from app.rewards import life
from app.rewards.models import Programme, ProgrammeState


@dataclass(frozen=True)
class Standing:
    """`hindrances`: what keeps it from being closed now; of an ended one nothing is asked.
    `first_last_day`: the earliest that can be announced now, while one can."""

    programme: Programme
    first_last_day: date | None
    told_by_letter: int
    told_otherwise: int
    not_told: int
    closable_from: datetime
    may_close: bool
    hindrances: Sequence[FieldProblem]
    outstanding_cents: int
    left_cents: int


def standing_of(session: Session, programme: Programme, now: datetime) -> Standing:
    by_letter, otherwise = announcing.told(session, programme)
    ended = programme.state in life.ENDED
    can_announce = programme.state in announcing.OPEN and programme.end_announced_at is None
    closing = programme.state is ProgrammeState.CLOSING
    return Standing(
        programme=programme,
        first_last_day=announcing.first_last_day(programme, now) if can_announce else None,
        told_by_letter=by_letter,
        told_otherwise=otherwise,
        not_told=0 if ended else announcing.untold(session, programme),
        closable_from=life.closable_from(programme),
        may_close=closing and programme.close_decided_at is None,
        hindrances=() if ended else hindrances(session, programme, now),
        outstanding_cents=returns.outstanding_cents(session, programme),
        left_cents=returns.left_cents(session, programme),
    )
