"""The place of a batch among all batches is fixed when it goes out, from our own books alone.

The registry takes a batch only with the number of batches before it, over all programmes. Places
are given when batches are cut; one whose turn comes before that of an earlier one, which waits
for money or for an operator, takes the first free place and the others move back. What was sent
keeps its place until the chain has refused it for good: one that was mined, taken back by a
reorganisation and refused leaves a place below others that were sent already. Nothing is read
from the chain: a database that came back from a backup would still number from its own books, and
be refused.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.edge import AlreadyDone, TurnHandler
from app.chain.errors import Reverted
from app.outbox.models import OutboxItem, OutboxState
from app.rewards.batches.artefacts import ensure_artefact
from app.rewards.batches.batching import lock_order
from app.rewards.models import Batch, BatchState

UNSENT = (OutboxState.WAITING, OutboxState.HELD)


def take_turn(session: Session, item: OutboxItem) -> None:
    """The batch of this row, locked by the caller, is the next one. Raises AlreadyDone where it is
    credited, and Reverted, which holds the row, where it isn't to go out for another reason."""
    lock_order(session)
    batch = session.get_one(Batch, bytes.fromhex(item.key), with_for_update=True)
    place = batch.sequence
    if batch.state is BatchState.FINAL:
        raise AlreadyDone(item)
    if batch.state is not BatchState.FROZEN or place is None:
        raise Reverted("BatchUsed", {"because": f"in our books it is {batch.state.value}"})
    unsent = select(col(Batch.sequence)).where(_unsent(), col(Batch.sequence).is_not(None))
    first = session.scalars(unsent.order_by(col(Batch.sequence)).limit(1)).one()  # at least this
    below = session.scalar(select(func.max(col(Batch.sequence))).where(col(Batch.sequence) < first))
    free = 0 if below is None else below + 1
    if place == free:
        renumber(session, batch, free)  # what is sent says what the books say
        return
    moved = select(Batch).where(_unsent(), col(Batch.sequence) < place).with_for_update()
    others = list(session.scalars(moved.order_by(col(Batch.sequence))))
    for one in (batch, *others):
        one.sequence = None
    session.flush()
    taken = set(session.scalars(select(col(Batch.sequence)).where(col(Batch.sequence) >= free)))
    places = (number for number in count(free) if number not in taken)
    for one, new in zip((batch, *others), places, strict=False):
        renumber(session, one, new)


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
    """Batches that no transaction carries.

    The row's state is looked up by its key, batch by batch: a join would read a long queue whole
    for its first batch.
    """
    row = select(col(OutboxItem.state)).where(
        col(OutboxItem.kind) == "commit_batch",
        col(OutboxItem.key) == func.encode(col(Batch.id), "hex"),
    )
    return (col(Batch.state) == BatchState.FROZEN) & row.scalar_subquery().in_(UNSENT)


def on_turn(folder: Path) -> dict[str, TurnHandler]:
    """What is done with a row whose turn it is. `folder`: where the lists of actions lie."""

    def commit_batch(session: Session, item: OutboxItem) -> None:
        take_turn(session, item)
        ensure_artefact(session, folder, session.get_one(Batch, bytes.fromhex(item.key)))

    return {"commit_batch": commit_batch}
