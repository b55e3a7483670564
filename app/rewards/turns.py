"""The place of a batch among all batches is fixed when it goes out, from our own books alone.

The registry takes a batch only with the number of batches before it, over all programmes. Places
are given when batches are cut; one whose turn comes before that of an earlier one, which waits
for money or for an operator, takes the first free place and the others move back by one. What was
sent keeps its place. Nothing is read from the chain: a database that came back from a backup
would still number from its own books, and be refused.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.outbox.models import OutboxItem, OutboxState
from app.rewards.batching import lock_order
from app.rewards.models import Batch, BatchState

UNSENT = (OutboxState.WAITING, OutboxState.HELD)


def take_turn(session: Session, item: OutboxItem) -> None:
    """The batch of this row, locked by the caller, is the next one."""
    lock_order(session)
    batch = session.get_one(Batch, bytes.fromhex(item.key), with_for_update=True)
    first = session.scalar(select(func.min(col(Batch.sequence))).where(_unsent()))
    place = batch.sequence
    if first is None or place is None:
        raise LookupError(f"batch {item.key} has no place in the books")
    batch.sequence = None
    session.flush()
    others = select(Batch).where(col(Batch.sequence) >= first, col(Batch.sequence) < place)
    for other in session.scalars(others.order_by(col(Batch.sequence).desc()).with_for_update()):
        renumber(session, other, (other.sequence or 0) + 1)
    renumber(session, batch, first)


def renumber(session: Session, batch: Batch, place: int) -> None:
    """In the books, and in what is to be sent. The place must be free."""
    row = session.scalars(
        select(OutboxItem).where(
            col(OutboxItem.kind) == "commit_batch",
            col(OutboxItem.key) == batch.id.hex(),
            col(OutboxItem.state).in_(UNSENT),
        )
    ).one()
    batch.sequence = place
    row.payload = {**row.payload, "expected_count": place}
    session.flush()


def _unsent() -> ColumnElement[bool]:
    """Batches that no transaction carries."""
    return select(col(OutboxItem.id)).where(
        col(OutboxItem.kind) == "commit_batch",
        col(OutboxItem.key) == func.encode(col(Batch.id), "hex"),
        col(OutboxItem.state).in_(UNSENT),
    ).exists() & (col(Batch.state) == BatchState.FROZEN)


ON_TURN = {"commit_batch": take_turn}
