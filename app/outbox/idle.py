"""Keys for which something is due, and which have sent nothing for long: paused and forgotten, or
kept from it by something that has no alarm of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.outbox.models import ChainTransaction, OutboxItem, OutboxState
from app.outbox.pauses import paused

IDLE = timedelta(hours=1)


def idle_keys(session: Session, now: datetime) -> dict[str, str]:
    """What to say of each such key. A row that waits for a time is due from then on."""
    due_at = func.coalesce(col(OutboxItem.not_before), col(OutboxItem.created_at))
    waiting = (
        select(col(OutboxItem.signer), func.min(due_at), func.count())
        .where(
            col(OutboxItem.state) == OutboxState.WAITING,
            or_(col(OutboxItem.not_before).is_(None), col(OutboxItem.not_before) <= now),
        )
        .group_by(col(OutboxItem.signer))
    )
    pauses, found = paused(session), dict[str, str]()
    for signer, since, rows in session.execute(waiting):
        if now - since < IDLE:
            continue
        sent = session.scalar(
            select(col(ChainTransaction.signed_at))
            .where(col(ChainTransaction.signer) == signer)
            .order_by(col(ChainTransaction.id).desc())
            .limit(1)
        )
        idle_since = max(since, sent or since)
        if now - idle_since >= IDLE:
            why = f": paused {pauses[signer].reason}" if signer in pauses else ""
            found[signer] = f"{rows} due, nothing sent since {idle_since:%Y-%m-%d %H:%M} UTC{why}"
    return found
