"""Why a deed whose delay is over isn't credited yet, and until when: for its owner.

Nothing is decided here. What the batcher planned, and what the chain last answered for the
programme's batches, says it; where nobody knows an end, none is named.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, tuple_, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.outbox.kinds import MINTER
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.pauses import paused
from app.rewards.batches.choosing import in_line, minted_on_day
from app.rewards.batches.plan_models import CreditPlan, Short
from app.rewards.models import Programme

ONE_DAY = timedelta(days=1)


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
    left = max(ceiling - minted_on_day(session, programme, now), 0)
    last = max(waiting, key=lambda deed: (deed.due_at, deed.id))
    days = _days(_line(session, programme, now, last, ceiling), left, ceiling)
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return {one: Wait(Reason.DAY_CEILING, None) for one in over} | {
        deed.id: Wait(Reason.DAY_CEILING, midnight + ONE_DAY * days[deed.id])
        for deed in waiting
        if days.get(deed.id)
    }


def _days(line: Iterable[tuple[UUID, int]], left: int, ceiling: int) -> dict[UUID, int]:
    """On which day after today each is credited: 0 is today. A day ends at the first deed that no
    longer fits it whole, as a batch does."""
    found, day = dict[UUID, int](), 0
    for one, cents in line:
        if cents > left:
            day, left = day + 1, ceiling
        left -= cents
        found[one] = day
    return found


def _line(
    session: Session, programme: Programme, now: datetime, last: Action, ceiling: int
) -> list[tuple[UUID, int]]:
    """Deeds up to this one and their cents, in the order in which the batcher takes them; what no
    day lets through it passes over."""
    asked = select(col(Action.id), col(Action.reward_cents)).where(
        tuple_(col(Action.due_at), col(Action.id)) <= (last.due_at, last.id),
        col(Action.reward_cents) <= ceiling,
    )
    query = in_line(asked, programme, now)
    return [(row[0], row[1]) for row in session.execute(query)]
