"""The numbered way from an empty database to today's tables.

    upgrade(url)   brings a database to the newest version; safe to call at every start
    pending(url)   whether it would do something

Run as the database role that owns the tables. All steps run in one transaction, one caller at
a time, and give up rather than wait long for a lock. There is no downgrade: a wrong migration
is followed by another one.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

LOCK_TIMEOUT = "10s"
STATEMENT_TIMEOUT = "10min"
_ONE_AT_A_TIME = 0x6369766973  # any constant: the advisory lock's number


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an .ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str, target: str = "head") -> None:
    """Raises sqlalchemy.exc.OperationalError when a lock is not had in time."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"set local statement_timeout = '{STATEMENT_TIMEOUT}'"))
        connection.execute(text("select pg_advisory_xact_lock(:n)"), {"n": _ONE_AT_A_TIME})
        connection.execute(text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
        command.upgrade(configuration(connection), target)


def pending(url: str) -> bool:
    """True when the database is not at the newest version."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() != head
