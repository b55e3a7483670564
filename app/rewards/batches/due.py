"""Of a programme's due deeds those that a batch can take.

What none can take holds up nobody else's, however many stand at the head of the line: a deed that
alone brings more than a whole day's ceiling, and deeds of people whose keys are lost, for whom no
leaf can be made. They wait, and the operator is told how many.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, func, literal, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.outbox.service import incident_passed, report_incident
from app.privacy.service import without_salt
from app.rewards.batches.line import in_line
from app.rewards.models import Programme

OVER_A_DAY = "deed_above_day_ceiling"
LOST = "keys_lost"


@dataclass(frozen=True)
class Limits:
    """What one batch may hold. `daily_ceiling_cents`: what the registry lets the programme mint a
    UTC day, as the chain says; None: whoever cuts didn't ask, and the registry alone decides."""

    actions: int = 10_000
    gas: int = 15_500_000
    daily_ceiling_cents: int | None = None


@dataclass(frozen=True)
class Due:
    """`over`: how many more no day lets through."""

    actions: list[Action]
    over: int


def takable(session: Session, programme: Programme, now: datetime, limits: Limits) -> Due:
    """As many as a batch may hold, locked. Names what no batch can take."""
    lost: set[UUID] = set()
    while True:
        actions = due_actions(session, programme, now, limits, lost)
        found = without_salt(session, {action.person_id for action in actions})
        if not found:
            break
        lost |= found
    _tell_lost(session, programme, lost, now)
    return Due(actions, _tell_over(session, programme, limits, now))


def due_actions(
    session: Session,
    programme: Programme,
    now: datetime,
    limits: Limits,
    lost: Collection[UUID] = (),
) -> list[Action]:
    """Locked; one that somebody undoes at this moment is left for later."""
    query = (
        in_line(select(Action), programme, now)
        .limit(limits.actions)
        .with_for_update(of=Action, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if limits.daily_ceiling_cents is not None:
        query = query.where(col(Action.reward_cents) <= limits.daily_ceiling_cents)
    return list(session.scalars(query.where(~_of(lost)) if lost else query))


def _of(people: Collection[UUID]) -> ColumnElement[bool]:
    """As one value: a month's keys are more people than a statement may have values."""
    return col(Action.person_id) == any_(literal(list(people), ARRAY(Uuid())))


def _tell_lost(
    session: Session, programme: Programme, lost: Collection[UUID], now: datetime
) -> None:
    waiting = _count(session, programme, now, _of(lost)) if lost else 0
    said = f"{waiting} deeds of people whose keys are lost" if waiting else None
    _tell(session, programme, LOST, said, now)


def _tell_over(session: Session, programme: Programme, limits: Limits, now: datetime) -> int:
    ceiling, over = limits.daily_ceiling_cents, 0
    if ceiling is not None:
        over = _count(session, programme, now, col(Action.reward_cents) > ceiling)
    said = f"{over} deeds, each worth more than the day's {ceiling} cents" if over else None
    _tell(session, programme, OVER_A_DAY, said, now)
    return over


def _tell(
    session: Session, programme: Programme, code: str, said: str | None, now: datetime
) -> None:
    reference = str(programme.id)
    if said:
        detail = f"{programme.slug}: {said}"
        report_incident(session, code=code, detail=detail, now=now, reference=reference)
    else:
        incident_passed(session, code=code, now=now, reference=reference)


def _count(
    session: Session, programme: Programme, now: datetime, which: ColumnElement[bool]
) -> int:
    query: Select[Any] = in_line(select(func.count()).select_from(Action), programme, now)
    return int(session.scalar(query.where(which).order_by(None)) or 0)
