"""Whether the doors are shut: asked by web, workers and commands before they do anything."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlmodel import col

from app.config import ConfigError, DatabaseRole, Settings
from app.db import Database
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


def check_doors_of(settings: Settings) -> None:
    """For a command that changes the chain and needs no database: where it knows one, that must be
    open. Raises ConfigError."""
    ours = (DatabaseRole.APP, DatabaseRole.SIGNER, DatabaseRole.MIGRATOR)
    urls = [url for role in ours if (url := settings.database_urls.get(role))]
    if not urls:
        return
    database = Database(urls[0], name="civis doors")
    try:
        with database.session() as session:
            check_doors(session)
    except OperationalError as error:
        raise ConfigError(
            f"Whether a restore is under way must be asked first, and can't be: {error.orig}"
        ) from error
    finally:
        database.dispose()
