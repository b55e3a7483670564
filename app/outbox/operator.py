"""What an operator may do with a row that stands still, each time with a reason and a name.

Retrying asks the chain again and can't do harm: what was done already is refused again. Only a
kind whose owner can take its content apart can be cancelled; what was accepted from people
(a payment, a funding) is never dropped. Callers commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.edge import FailureHandler
from app.chain.errors import Reverted
from app.outbox.models import Incident, OutboxItem, OutboxState

OPEN = (OutboxState.WAITING, OutboxState.HELD)
UNSETTLED = (*OPEN, OutboxState.SENT)
MOST = 200


class NotPossibleError(Exception):
    """One sentence: why not, and what to do instead."""


@dataclass(frozen=True)
class By:
    """Who, by the name of their system user, and why."""

    name: str
    reason: str


def unsettled(session: Session) -> Sequence[OutboxItem]:
    """What hasn't reached the chain for good, what an operator must look at first."""
    query = select(OutboxItem).where(col(OutboxItem.state).in_(UNSETTLED))
    held_first = query.order_by(col(OutboxItem.state) != OutboxState.HELD, col(OutboxItem.id))
    return session.scalars(held_first.limit(MOST)).all()


def history(session: Session, item_id: UUID) -> Sequence[Incident]:
    """What was noted about a row, oldest first."""
    query = select(Incident).where(col(Incident.reference) == str(item_id))
    return session.scalars(query.order_by(col(Incident.id))).all()


def retry(session: Session, item_id: UUID, by: By, now: datetime) -> OutboxItem:
    """It goes out at the next round, unless the chain refuses it again."""
    item = _standing(session, item_id)
    item.state, item.not_before, item.attempts = OutboxState.WAITING, None, 0
    _note(session, item, "outbox_retried", by, now)
    return item


def cancel(
    session: Session,
    item_id: UUID,
    by: By,
    now: datetime,
    on_failure: Mapping[str, FailureHandler],
) -> OutboxItem:
    """Taken apart by the owner of its kind, as if the chain had refused it for good."""
    item = _standing(session, item_id)
    owner = on_failure.get(item.kind)
    if owner is None:
        raise NotPossibleError(
            f"A row of the kind {item.kind} can't be cancelled: somebody was promised what it "
            "says. Mend the cause that `civis outbox explain` names, then retry."
        )
    item.state = OutboxState.FAILED
    owner(session, item, Reverted("CancelledByOperator", {}), now)
    _note(session, item, "outbox_cancelled", by, now)
    return item


def find(session: Session, item_id: UUID) -> OutboxItem:
    found = session.get(OutboxItem, item_id)
    if found is None:
        raise NotPossibleError(f"There is no row {item_id}: see `civis outbox list`.")
    return found


def _standing(session: Session, item_id: UUID) -> OutboxItem:
    """Locked; no transaction can carry it."""
    find(session, item_id)
    item = session.get_one(OutboxItem, item_id, with_for_update=True, populate_existing=True)
    if item.state is OutboxState.SENT:
        raise NotPossibleError("A transaction carries this row: wait until the chain answered.")
    if item.state not in OPEN:
        raise NotPossibleError(f"This row is {item.state.value}: there is nothing left to decide.")
    return item


def _note(session: Session, item: OutboxItem, code: str, by: By, now: datetime) -> None:
    """On record for ever; what was reported about the row is looked at by this."""
    reference = str(item.id)
    session.execute(
        update(Incident)
        .where(col(Incident.reference) == reference, col(Incident.acknowledged_at).is_(None))
        .values(acknowledged_at=now)
    )
    session.add(
        Incident(
            at=now,
            code=code,
            detail=f"{item.kind} {item.key}, by {by.name}: {by.reason}",
            reference=reference,
            acknowledged_at=now,
        )
    )
    session.flush()
