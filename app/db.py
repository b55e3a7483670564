"""The database: one engine, one session per request or job, the use case commits.

PostgreSQL is the only dialect. Amounts are integers in cents, times are UTC-aware, ids are
UUIDv7 (ordered by creation), 32-byte hashes are raw bytes, addresses are checksummed text.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Engine, Enum, MetaData, create_engine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, sessionmaker
from sqlmodel import SQLModel
from uuid6 import uuid7 as _uuid7

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING
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
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            connect_args={"application_name": name, "connect_timeout": 5},
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that rolls back what was not committed. The use case commits."""
        with self._sessions() as session:
            yield session

    def dispose(self) -> None:
        self.engine.dispose()
