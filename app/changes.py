"""Every change has a date and an author: the row goes with the change, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.change_models import Change

CEILINGS, STATE, END = "ceilings", "state", "end"
KEY_OFFERED, KEY_REGISTERED = "key-offered", "key-registered"


def note(
    session: Session,
    what: str,
    subject_id: UUID,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    by: UUID | None,
    now: datetime,
) -> None:
    """Writes down a change; what stays as it was is none. `by` None: the installation itself."""
    if before == after:
        return
    row = Change(
        what=what, subject_id=subject_id, before=dict(before), after=dict(after), by=by, at=now
    )
    session.add(row)
    session.flush()


class Limited(Protocol):
    """What may bring so much a day before the rest waits: an organisation or a device."""

    id: UUID
    actions_per_day: int
    reward_cents_per_day: int


def set_ceilings(
    session: Session,
    limited: Limited,
    ceilings: Mapping[str, int],
    *,
    by: UUID | None,
    now: datetime,
) -> None:
    """In the journal too: a lowered one must not come back with a backup."""
    before = {name: getattr(limited, name) for name in ceilings}
    for name, most in ceilings.items():
        setattr(limited, name, most)
    note(session, CEILINGS, limited.id, before, ceilings, by=by, now=now)
    said = {name: str(most) for name, most in ceilings.items()}
    journal.note(session, journal.CEILINGS_SET, now, limited=limited.id, **said)


def all_of(session: Session, subject_id: UUID, *, what: str) -> Sequence[Change]:
    """Every one of a kind that is rare, the first one first."""
    query = select(Change).where(col(Change.subject_id) == subject_id, col(Change.what) == what)
    return session.scalars(query.order_by(col(Change.id))).all()


def changes_of(
    session: Session, subject_id: UUID, limit: int, *, what: str | None = None
) -> Sequence[Change]:
    """Newest first."""
    query = select(Change).where(col(Change.subject_id) == subject_id)
    if what is not None:
        query = query.where(col(Change.what) == what)
    return session.scalars(query.order_by(col(Change.id).desc()).limit(limit)).all()
