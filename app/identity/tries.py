"""Tries of a use case's own, counted in `attempt` in the caller's transaction.

Whoever counts raises Problem(..., keep=True) afterwards, so that the count is committed with the
refusal. Keys are keyed hashes: neither an address nor a number lies in the table.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from app.identity.models import Attempt
from app.privacy.service import keyed_hash


def tries(session: Session, name: str, key: str | bytes, window: int, now: datetime) -> int:
    """How many were counted in the present window of `window` seconds."""
    counted = select(col(Attempt.count)).where(
        col(Attempt.key) == _hashed(session, name, key),
        col(Attempt.window_ends) == _window_end(now, window),
    )
    return session.scalar(counted) or 0


def count_try(session: Session, name: str, key: str | bytes, window: int, now: datetime) -> int:
    """Counts one more and says how many there are now; concurrent tries wait for each other."""
    row = insert(Attempt).values(
        key=_hashed(session, name, key), window_ends=_window_end(now, window), count=1
    )
    counted = row.on_conflict_do_update(
        index_elements=["key", "window_ends"], set_={"count": col(Attempt.count) + 1}
    )
    return int(session.scalars(counted.returning(col(Attempt.count))).one())


def take_turns(session: Session, name: str, key: str | bytes) -> None:
    """Until the transaction ends nobody else tries this: else many at once see room for one."""
    lock = func.hashtextextended(_hashed(session, name, key), 0)
    session.execute(select(func.pg_advisory_xact_lock(lock)))


def _hashed(session: Session, name: str, key: str | bytes) -> str:
    return keyed_hash(session, "attempt", name, key).hex()


def _window_end(now: datetime, window: int) -> datetime:
    began = int(now.timestamp()) // window * window
    return datetime.fromtimestamp(began, tz=UTC) + timedelta(seconds=window)
