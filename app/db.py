"""The database: one engine per role, one session per request or job.

Who commits: whoever opened the session, once. A use case takes a session, writes, flushes
where it needs ids or constraints checked, and never commits; so use cases compose. A web
request is one transaction (`app.context`); a worker, command or test says
`with database.transaction() as session:`. See docs/adr/0001-who-commits.md.

PostgreSQL is the only dialect. Amounts are integers in cents, times are UTC-aware, ids are
UUIDv7 (ordered by creation), 32-byte hashes are raw bytes, addresses are checksummed text.
"""

from __future__ import annotations

import enum
import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Engine,
    Enum,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlmodel import SQLModel
from uuid6 import uuid7 as _uuid7

from app.driver import Singles, keeping

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING
SQLModel.model_config["defer_build"] = True  # no row is ever validated by pydantic
metadata: MetaData = SQLModel.metadata

BigInt = BigInteger
Json = JSONB


def uuid7() -> UUID:
    """A fresh id whose order is the order of creation."""
    return UUID(bytes=_uuid7().bytes)


def text_enum(kind: type[enum.Enum], name: str) -> Any:
    """A text column that holds the enum's values, kept honest by a CHECK called `name`."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class Database:
    """An engine and its sessions for one database role."""

    def __init__(self, url: str, *, pool_size: int = 10, name: str = "civis") -> None:
        self.engine = _engine(url, pool_size, name)
        self.singles = Singles(url, name)
        self._info: dict[Any, Any] = {}
        self.known_open = False  # see app.doors
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, info=self._info)

    def attach(self, name: str, value: object) -> None:
        """Hands a value to every session opened from now on, as `session.info[name]`."""
        self._info[name] = value

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session for reading; what is not committed is rolled back at its end."""
        with self._sessions() as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits once at the end of the block, or not at all."""
        with self._sessions() as session:
            yield session
            session.commit()

    def dispose(self) -> None:
        self.engine.dispose()
        self.singles.dispose()


def _engine(url: str, pool_size: int, name: str) -> Engine:
    """Connects when first asked to."""
    engine = create_engine(
        keeping(url),
        hide_parameters=True,  # values are people's: none belongs in a log
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_use_lifo=True,  # few warm connections, whose statements are planned already
        connect_args={"application_name": name, "connect_timeout": 5},
    )
    event.listen(engine, "checkout", _check_alive)
    return engine


def _check_alive(connection: Any, *_: object) -> None:
    """A server that went away has closed the socket; an idle one says nothing. Costs no ping.

    The pool answers DisconnectionError with a fresh connection.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        raise DisconnectionError("the server closed this connection while it lay idle")
