"""Moving all actions of a batch, or some, to another state, each with its log row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.actions.models import ActionLog
from app.db import uuid7

_MOVE = text("""
    update action set state = :after
    where batch_id = :batch_id and state = :before
    and (cast(:account as text) is null or account_address = :account)
    returning id
""")


def move_actions(
    session: Session,
    *,
    batch_id: bytes,
    before: str,
    after: str,
    now: datetime,
    account: str | None = None,
    reason: str | None = None,
) -> int:
    """From `before` to `after`, of one account or of all; how many. Others are left alone."""
    values = {"batch_id": batch_id, "before": before, "after": after, "account": account}
    moved = session.execute(_MOVE, values).scalars().all()
    rows = [
        {
            "id": uuid7(),
            "action_id": action_id,
            "at": now,
            "before": before,
            "after": after,
            "reason": reason,
            "by_person": None,
        }
        for action_id in moved
    ]
    if rows:
        session.execute(insert(ActionLog), rows)
    return len(rows)
