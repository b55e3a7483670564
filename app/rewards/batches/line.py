"""The line in which a programme's due deeds wait for a batch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, tuple_, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.outbox.models import OutboxItem
from app.privacy.models import Subject
from app.rewards.batches.day_ends import BEFORE_ALL, Place
from app.rewards.models import Programme

Selected = Select[*tuple[Any, ...]]


def in_line(query: Selected, programme: Programme, now: datetime) -> Selected:
    """Of deeds: those that a batch may take, in the order in which it does."""
    return (
        query.join(Subject, col(Subject.id) == col(Action.person_id))
        .where(
            col(Action.programme_id) == programme.id,
            col(Action.state) == ActionState.AUTHENTICATED,
            col(Action.due_at) <= now,
            col(Action.batch_id).is_(None),  # otherwise of a batch that isn't barred yet
            col(Subject.erased_at).is_(None),
            col(Action.account_address).not_in(_payees()),
        )
        .order_by(col(Action.due_at), col(Action.id))
    )


def standing_behind(
    session: Session, programme: Programme, ceiling: int, now: datetime, place: Place
) -> Iterator[tuple[Place, int]]:
    """Deeds and their cents; what no day lets through batches pass over."""
    asked = select(col(Action.due_at), col(Action.id), col(Action.reward_cents)).where(
        col(Action.reward_cents) <= ceiling
    )
    if place != BEFORE_ALL:
        asked = asked.where(tuple_(col(Action.due_at), col(Action.id)) > place)
    rows = session.execute(in_line(asked, programme, now).execution_options(yield_per=5000))
    return (((due_at, one), cents) for due_at, one, cents in rows)


def _payees() -> Select[tuple[str]]:
    """Addresses ever announced as payees."""
    payee = type_coerce(col(OutboxItem.payload), JSONB)["payee"].astext
    return select(payee).where(col(OutboxItem.kind) == "register_payee")
