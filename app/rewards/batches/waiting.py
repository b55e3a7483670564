"""Why a deed whose delay is over isn't credited yet, and until when: for its owner.

Nothing is decided here. What the batcher planned, and what the chain last answered for the
programme's batches, says it; where nobody knows an end, none is named.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, takewhile
from uuid import UUID

from sqlalchemy import select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.outbox.kinds import MINTER
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.pauses import paused
from app.rewards.batches.choosing import minted_on_day
from app.rewards.batches.day_ends import Line, Place
from app.rewards.batches.line import standing_behind
from app.rewards.batches.plan_models import CreditPlan, Short
from app.rewards.models import Programme

MOST_SINCE = 20_000  # deeds that a page counts at most; of those behind nobody knows a day yet


class Reason(enum.Enum):
    DAY_CEILING = "day_ceiling"  # credited from a day on: the day's ceiling is used up before
    PAUSE = "pause"  # crediting is paused, on the chain or by an operator
    FUNDING = "funding"


@dataclass(frozen=True)
class Wait:
    """`until`: the first moment at which it can be credited, None when nobody knows."""

    reason: Reason
    until: datetime | None


BY_ANSWER = {
    "DailyCeilingExceeded": Reason.DAY_CEILING,
    "FundingExceeded": Reason.FUNDING,
    "PauseInForce": Reason.PAUSE,
}


def waits_of(session: Session, deeds: Sequence[Action], now: datetime) -> dict[UUID, Wait]:
    """By deed; those that wait for nothing but their turn are not in it."""
    mine = [deed for deed in deeds if _is_due(deed, now)]
    if not mine:
        return {}
    if MINTER in paused(session):
        return {deed.id: Wait(Reason.PAUSE, None) for deed in mine}
    found: dict[UUID, Wait] = {}
    for programme_id in {deed.programme_id for deed in mine}:
        programme = session.get_one(Programme, programme_id)
        due = [deed for deed in mine if deed.programme_id == programme_id]
        refused = _refused(session, programme)
        if refused is not None:
            sent = _on_their_way(session, due)
            found |= {deed.id: refused for deed in due if deed.batch_id not in sent}
        found |= _planned(session, programme, due, now, refused)
    return found


def _is_due(deed: Action, now: datetime) -> bool:
    waits = deed.state is ActionState.AUTHENTICATED and deed.due_at is not None
    over = waits and deed.due_at is not None and deed.due_at <= now
    return deed.reward_cents > 0 and (over or deed.state is ActionState.BATCHED)


def _refused(session: Session, programme: Programme) -> Wait | None:
    """What the chain answered for the first of the programme's batches that it doesn't take."""
    named = type_coerce(col(OutboxItem.payload), JSONB)["programme_id"].astext
    query = select(OutboxItem).where(
        col(OutboxItem.kind) == "commit_batch",
        col(OutboxItem.state) == OutboxState.WAITING,
        col(OutboxItem.last_error).is_not(None),
        named == "0x" + programme.chain_id.hex(),
    )
    row = session.scalars(query.order_by(col(OutboxItem.id)).limit(1)).first()
    if row is None or row.last_error is None:
        return None
    reason = BY_ANSWER.get(row.last_error.partition("(")[0])
    return None if reason is None else Wait(reason, row.waits_until)


def _on_their_way(session: Session, deeds: Sequence[Action]) -> set[bytes]:
    """Batches of these that a transaction carries, whatever the chain said of another."""
    batches = {deed.batch_id.hex(): deed.batch_id for deed in deeds if deed.batch_id}
    query = select(col(OutboxItem.key)).where(
        col(OutboxItem.kind) == "commit_batch",
        col(OutboxItem.key).in_(list(batches)),
        col(OutboxItem.state).in_((OutboxState.SENT, OutboxState.FINAL)),
    )
    return {batches[key] for key in session.scalars(query)}


def _planned(
    session: Session,
    programme: Programme,
    due: Sequence[Action],
    now: datetime,
    refused: Wait | None,
) -> dict[UUID, Wait]:
    """For those that no batch holds yet."""
    plan = session.get(CreditPlan, programme.id)
    waiting = [deed for deed in due if deed.state is ActionState.AUTHENTICATED]
    if plan is None or plan.short_of is None or not waiting:
        return {}
    if plan.short_of is Short.FUNDING:
        return {} if refused else {deed.id: Wait(Reason.FUNDING, None) for deed in waiting}
    ceiling = plan.daily_ceiling_cents
    if ceiling is None or (refused and refused.reason is not Reason.DAY_CEILING):
        return {}
    over = {deed.id for deed in waiting if deed.reward_cents > ceiling}
    line, places = _line(session, programme, plan, waiting, now), _places(waiting)
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    untils = {one: line.midnight(place) for one, place in places.items() if one not in over}
    return {one: Wait(Reason.DAY_CEILING, None) for one in over} | {
        one: Wait(Reason.DAY_CEILING, until)
        for one, until in untils.items()
        if until is None or until > midnight
    }


def _line(
    session: Session,
    programme: Programme,
    plan: CreditPlan,
    waiting: Sequence[Action],
    now: datetime,
) -> Line:
    """As it was planned, and what has come since, as far as these."""
    ceiling = plan.daily_ceiling_cents or 0
    left = max(ceiling - minted_on_day(session, programme, now), 0)
    line = Line.from_json(plan.line) if plan.line else Line(now.astimezone(UTC).date(), left)
    last = max(_places(waiting).values())
    if last > line.last and not line.full:
        come = standing_behind(session, programme, ceiling, now, line.last)
        line.go_on(takewhile(lambda one: one[0] <= last, islice(come, MOST_SINCE)), ceiling)
    return line


def _places(deeds: Sequence[Action]) -> dict[UUID, Place]:
    return {deed.id: (deed.due_at, deed.id) for deed in deeds if deed.due_at}
