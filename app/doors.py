"""Whether the doors are shut: asked by web, workers and commands before they do anything."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.config import ConfigError
from app.restoration_models import Restoration

_LOG_END = text("""
    select coalesce(pg_last_wal_replay_lsn(), pg_current_wal_lsn())::text
""")


class DoorsShutError(ConfigError):
    """A restored database isn't brought up to the chain yet."""


def shut_doors(session: Session, source: str, now: datetime) -> Restoration:
    """Before anybody else reaches the database; twice is as once. The caller commits."""
    found = restoration_under_way(session)
    if found is None:
        end = str(session.execute(_LOG_END).scalar_one())
        found = Restoration(restored_at=now, source=source, log_end=end)
        session.add(found)
        session.flush()
    return found


def restoration_under_way(session: Session, *, lock: bool = False) -> Restoration | None:
    """`lock`: None too while somebody else has it."""
    query = select(Restoration).where(col(Restoration.shut))
    return session.scalars(query.with_for_update(skip_locked=True) if lock else query).first()


def are_shut(session: Session) -> bool:
    return (
        session.scalars(select(col(Restoration.id)).where(col(Restoration.shut))).first()
        is not None
    )


def check_doors(session: Session) -> None:
    """For a command that changes something. Raises DoorsShutError."""
    if are_shut(session):
        raise DoorsShutError(
            "The database was restored and its doors are shut: first `civis restore match` and "
            "`civis restore open`."
        )
