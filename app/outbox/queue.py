"""Which rows go out next, and which signers have something to do."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.outbox.kinds import KINDS, ORDERED
from app.outbox.models import ChainTransaction, OutboxItem, OutboxState, TransactionState

UNFINISHED = (TransactionState.PREPARED, TransactionState.BROADCAST, TransactionState.MINED)


class RowsTaken(Exception):  # noqa: N818 - it is a state of the world
    """Another sender took rows between choosing and locking: only possible without the lease."""


def signers_at_work(session: Session) -> list[str]:
    """Signers with waiting rows or unfinished transactions."""
    waiting = select(col(OutboxItem.signer)).where(col(OutboxItem.state) == OutboxState.WAITING)
    unfinished = select(col(ChainTransaction.signer)).where(
        col(ChainTransaction.state).in_(UNFINISHED)
    )
    return sorted(set(session.scalars(waiting.distinct())) | set(session.scalars(unfinished)))


def next_items(session: Session, role: str, now: datetime) -> list[OutboxItem]:
    """The next rows that one call can carry, in order of writing.

    An ordered signer's rows never overtake each other: one that waits for a time, or is held for
    the operator, holds back the rest.
    """
    states = [OutboxState.WAITING, *([OutboxState.HELD] if role in ORDERED else [])]
    query = (
        select(OutboxItem)
        .where(col(OutboxItem.signer) == role, col(OutboxItem.state).in_(states))
        .order_by(col(OutboxItem.id))
        .limit(max(kind.group for kind in KINDS.values()) if role in ORDERED else 1)
    )
    if role not in ORDERED:
        due = col(OutboxItem.not_before).is_(None) | (col(OutboxItem.not_before) <= now)
        query = query.where(due)
    chosen: list[OutboxItem] = []
    for item in session.scalars(query):
        waits = item.not_before is not None and item.not_before > now
        first = chosen[0] if chosen else item
        full = len(chosen) >= KINDS[first.kind].group
        if waits or full or item.state is OutboxState.HELD or item.kind != first.kind:
            break
        chosen.append(item)
    return chosen


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
