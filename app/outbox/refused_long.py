"""What the chain has refused for long: one alarm for each key and reason, with how many rows wait.

One for each row would be thousands where a desk loses its right at a busy hour. It ends once no row
of the key is refused for this reason any more. Callers commit.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.outbox.models import ChainTransaction, OutboxItem, OutboxState
from app.outbox.queue import UNFINISHED
from app.outbox.service import incident_passed, report_incident

WAITS = "outbox_waits"
PATIENCE = 10  # tries after which waiting becomes an incident


def count_refused(session: Session, item: OutboxItem, error: str | None, now: datetime) -> None:
    """Called when a row's state has changed; `error`: what it was refused for, before or now."""
    reason = (error or "").partition("(")[0]
    if not reason:
        return
    session.flush()
    mine = (
        col(OutboxItem.signer) == item.signer,
        col(OutboxItem.attempts) >= PATIENCE,
        func.split_part(col(OutboxItem.last_error), "(", 1) == reason,
    )
    sent = select(col(ChainTransaction.id)).where(col(ChainTransaction.state).in_(UNFINISHED))
    counted = select(func.count()).select_from(OutboxItem)
    waiting = session.scalar(counted.where(*mine, col(OutboxItem.state) == OutboxState.WAITING))
    under_way = counted.where(  # they may be refused again
        *mine,
        col(OutboxItem.state) == OutboxState.SENT,
        col(OutboxItem.transaction_id).in_(sent),
    )
    rows = (waiting or 0) + (session.scalar(under_way) or 0)
    about = f"{item.signer}:{reason}"
    if not rows:
        incident_passed(session, code=WAITS, now=now, reference=about)
        return
    detail = f"key {item.signer}, {rows} rows refused for long: {error}"[:500]
    report_incident(session, code=WAITS, detail=detail, now=now, reference=about).detail = detail
