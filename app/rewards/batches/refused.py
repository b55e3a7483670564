"""When the chain refuses a batch or a publication for good: take it apart, lose nothing.

No live transaction can still carry what is taken apart here: it was refused in simulation, or its
transaction reverted and is final. A refused batch is barred on the chain as well, and only when
that is final do its deeds go into another: until then they are of this one. Its place in the
sequence is free for the batches after it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.chain.errors import Reverted
from app.outbox.models import OutboxItem
from app.outbox.service import enqueue
from app.rewards.batches.batching import lock_order
from app.rewards.batches.settling import move_actions
from app.rewards.models import Batch, BatchState, CellPublication, Programme

_LOOSEN = text("""
    update action set batch_id = null, leaf = null, leaf_index = null where batch_id = :batch
""")


def batch_refused(session: Session, item: OutboxItem, error: Reverted, now: datetime) -> None:
    """Quarantine what the chain named as culprit; the rest waits until the batch is barred."""
    lock_order(session)
    batch = session.get_one(Batch, bytes.fromhex(item.key), with_for_update=True)
    if batch.state is not BatchState.FROZEN:
        return
    culprit = error.arguments.get("account") if error.name == "CreditRefused" else None
    if culprit is not None:
        move_actions(
            session,
            batch_id=batch.id,
            before="batched",
            after="quarantined",
            now=now,
            account=culprit,
            reason=error.name,
        )
    batch.sequence, batch.state = None, BatchState.FAILED
    enqueue(session, kind="cancel_batch", key=item.key, payload={"batch_id": batch.id}, now=now)


def batch_barred(session: Session, batch: Batch, now: datetime) -> None:
    """The chain bars it for good: its deeds are free for another batch."""
    batch.sequence, batch.state = None, BatchState.CANCELLED
    move_actions(
        session,
        batch_id=batch.id,
        before="batched",
        after="authenticated",
        now=now,
        reason="BatchCancelled",
    )
    session.execute(_LOOSEN, {"batch": batch.id})


def cells_refused(session: Session, item: OutboxItem, _error: Reverted, now: datetime) -> None:
    """The actions go into the cells of a later period."""
    lock_order(session)
    programme_id, period = bytes.fromhex(item.payload["programme_id"][2:]), item.payload["period"]
    programme = session.scalars(
        select(Programme).where(col(Programme.chain_id) == programme_id)
    ).one()
    publication = session.get_one(CellPublication, (programme.id, period))
    publication.failed_at = now
    for column in ("published_period", "reversal_published_period"):
        session.execute(
            update(Action)
            .where(col(Action.programme_id) == programme.id, col(getattr(Action, column)) == period)
            .values({column: None})
            .execution_options(synchronize_session=False)
        )


ON_FAILURE = {"commit_batch": batch_refused, "publish_cells": cells_refused}
