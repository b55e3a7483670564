"""One deed once, though a restore lost it: credited deeds are known again when they are handed in.

A batch's list keeps a mark of each deed beside its leaf: of its natural key, that is person, kind
and minute, made with the person's own salt key, so that it says nothing without that key and ends
with it. What was credited and is in no books any more is refused when it is to be credited again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.chain.typed import keccak
from app.errors import Problem
from app.privacy.service import salts_for
from app.rewards.models import Batch, Programme
from app.rewards.valuing.deeds import refuse_counted

_BYTES = 16


def marks_of(session: Session, actions: Sequence[Action]) -> list[str]:
    """Empty for who was erased since: nothing of theirs is handed in again."""
    try:
        return _marks(session, actions)
    except Problem:
        return [_mark(session, action) for action in actions]


def _mark(session: Session, action: Action) -> str:
    try:
        return _marks(session, [action])[0]
    except Problem:
        return ""


def _marks(session: Session, actions: Sequence[Action]) -> list[str]:
    named = [(action.person_id, _name(action)) for action in actions]
    found = salts_for(session, named)
    return [found[name][:_BYTES].hex() for _, name in named]


def without_counted(
    session: Session, programme: Programme, due: Sequence[Action], now: datetime
) -> list[Action]:
    """Those that no lost deed was credited for; the others are refused. Almost always all."""
    lost = select(col(Batch.lost_marks)).where(
        col(Batch.programme_id) == programme.id, col(Batch.lost_actions) > 0
    )
    counted = {mark for marks in session.scalars(lost) for mark in marks or () if mark}
    if not counted:
        return list(due)
    left = []
    for action, mark in zip(due, marks_of(session, due), strict=True):
        if mark in counted:
            refuse_counted(session, action, now)
        else:
            left.append(action)
    return left


def _name(action: Action) -> UUID:
    minute = action.deed_at.astimezone(UTC).replace(second=0, microsecond=0)
    said = f"{action.person_id}|{action.action_type_id}|{minute.isoformat()}"
    return UUID(bytes=keccak(said.encode())[:16])
