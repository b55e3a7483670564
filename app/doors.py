"""Whether the doors are shut: asked by web, workers and commands before they do anything.

A process asks until it finds them open, and from then on with each new connection alone: the doors
are shut only once no part has any.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlmodel import col

from app.config import ConfigError, DatabaseRole, Settings
from app.db import Database
from app.restoration_models import Restoration

_LOG_END = text("""
    select coalesce(pg_last_wal_replay_lsn(), pg_current_wal_lsn())::text
""")
_ALONE = text("lock table restoration in access exclusive mode")
_OTHERS = text("""
    select coalesce(nullif(application_name, ''), 'without a name'), usename, count(*)
    from pg_stat_activity
    where datname = current_database() and usename = any(:users) and pid <> pg_backend_pid()
    group by 1, 2 order by 1, 2
""")
_SHUT = (
    "The database was restored and its doors are shut: first `civis restore match` and "
    "`civis restore open`."
)


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


def check_nobody_works(session: Session) -> None:
    """Until the transaction ends nobody finds the doors open either. Raises ConfigError, naming
    every part that is connected, wherever it runs: it may have found them open before."""
    _check_nobody(session)  # before those wait who work
    session.execute(_ALONE)
    session.execute(select(func.pg_stat_clear_snapshot()))  # PostgreSQL would say the same again
    _check_nobody(session)


def _check_nobody(session: Session) -> None:
    users = [role.user for role in DatabaseRole]
    if others := session.execute(_OTHERS, {"users": users}).all():
        named = ", ".join(f"{name} ({count} as {user})" for name, user, count in others)
        raise ConfigError(
            "The doors can't be shut while anything works with this database: stop every part, "
            f"on every machine, and a pooler too, then try again. Connected are: {named}."
        )


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
        raise DoorsShutError(_SHUT)


def are_open(database: Database) -> bool:
    """For a process that runs on, before each request or round."""
    if not database.known_open:
        with database.session() as session:
            database.known_open = not are_shut(session)
    return database.known_open


def attach(database: Database) -> None:
    """Who knows the doors to be open asks again with each new connection, before anything is done
    on it. Whoever wanted it gets a DoorsShutError."""

    def ask_again(connection: psycopg.Connection[Any]) -> None:
        if not database.known_open:
            return
        shut = connection.execute("select 1 from restoration where shut").fetchone()
        connection.rollback()
        if shut:
            database.known_open = False
            connection.close()
            raise DoorsShutError(_SHUT)

    database.singles.on_connect = ask_again
    event.listen(database.engine, "connect", lambda connection, _record: ask_again(connection))


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
