"""Which rows go out next, and which signers have something to do."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, not_, or_, select, type_coerce, union
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlmodel import col

from app.outbox.kinds import KINDS, ORDERED
from app.outbox.models import ChainTransaction, OutboxItem, OutboxState, TransactionState

UNFINISHED = (TransactionState.PREPARED, TransactionState.BROADCAST, TransactionState.MINED)
_PAYLOAD = type_coerce(col(OutboxItem.payload), JSONB)
# What a row stays in order with: those of its programme. One of a single account, batch or day (a
# move, a recovery, an anchor) with none: what it waits for is its own.
lane_column: ColumnElement[str] = func.coalesce(
    _PAYLOAD["programme_id"].astext, _PAYLOAD["order"]["programme_id"].astext
)


class RowsTaken(Exception):  # noqa: N818 - it is a state of the world
    """By an operator between choosing and locking, or by a sender without the lease."""


def signers_at_work(session: Session) -> list[str]:
    """Signers with waiting rows or unfinished transactions."""
    waiting = select(col(OutboxItem.signer)).where(col(OutboxItem.state) == OutboxState.WAITING)
    unfinished = select(col(ChainTransaction.signer)).where(
        col(ChainTransaction.state).in_(UNFINISHED)
    )
    return sorted(session.scalars(union(waiting, unfinished)))


def next_items(session: Session, role: str, now: datetime) -> list[OutboxItem]:
    """The next rows that one call can carry, in order of writing.

    An ordered signer's rows of one lane never overtake each other: one that waits for a time, or
    is held for the operator, holds back those behind it, and nobody else's. One that was skipped
    in a call that went through holds back nobody: the reason is its own.
    """
    query = (
        select(OutboxItem)
        .where(
            col(OutboxItem.signer) == role,
            col(OutboxItem.state) == OutboxState.WAITING,
            _due(now),
        )
        .order_by(col(OutboxItem.id))
    )
    if role not in ORDERED:
        return list(session.scalars(query.limit(1)))
    for lane, standing in _standing(session, role, now).items():
        query = query.where(or_(lane_column.is_distinct_from(lane), col(OutboxItem.id) <= standing))
    most = max(kind.group for kind in KINDS.values())
    return _of_one_call(list(session.scalars(query.limit(most))))


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(col(OutboxItem.not_before).is_(None), col(OutboxItem.not_before) <= now)


def _standing(session: Session, role: str, now: datetime) -> dict[str, UUID]:
    """By lane the first row that waits for a time or for the operator."""
    query = (
        select(lane_column, col(OutboxItem.id))
        .where(
            col(OutboxItem.signer) == role,
            col(OutboxItem.state).in_((OutboxState.WAITING, OutboxState.HELD)),
            col(OutboxItem.skipped).is_(False),
            lane_column.is_not(None),
            or_(col(OutboxItem.state) == OutboxState.HELD, not_(_due(now))),
        )
        .order_by(col(OutboxItem.id).desc())
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _of_one_call(free: list[OutboxItem]) -> list[OutboxItem]:
    """The first row and those like it that overtake none of another kind in their lane."""
    chosen: list[OutboxItem] = []
    passed = set[str | None]()
    for item in free:
        if len(chosen) == KINDS[free[0].kind].group:
            break
        lane = _lane(item)
        if item.kind != free[0].kind:
            passed.add(lane)
        elif lane is None or lane not in passed:
            chosen.append(item)
    return chosen


def _lane(item: OutboxItem) -> str | None:
    named = item.payload.get("programme_id") or item.payload.get("order", {}).get("programme_id")
    return str(named) if named else None


def lock_waiting(session: Session, items: list[OutboxItem]) -> list[OutboxItem]:
    """The same rows, locked; all must still be waiting. Raises RowsTaken."""
    ids: list[UUID] = [item.id for item in items]
    query = (
        select(OutboxItem)
        .where(col(OutboxItem.id).in_(ids), col(OutboxItem.state) == OutboxState.WAITING)
        .order_by(col(OutboxItem.id))
        .with_for_update(skip_locked=True)
    )
    found = list(session.scalars(query))
    if len(found) != len(ids):
        raise RowsTaken(str(ids))
    return found


def carried(session: Session, transaction_id: UUID) -> list[OutboxItem]:
    """The rows that a transaction carries still, locked."""
    query = (
        select(OutboxItem)
        .where(
            col(OutboxItem.transaction_id) == transaction_id,
            col(OutboxItem.state) == OutboxState.SENT,
        )
        .order_by(col(OutboxItem.id))
        .with_for_update()
    )
    return list(session.scalars(query))
