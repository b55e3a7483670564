"""Statements that are a transaction each, straight from the driver: for what every request asks.

SQLAlchemy's connection and result around such a statement take longer than PostgreSQL does, and so
do a cursor's. So these have connections of their own, in autocommit, where each statement is
prepared once, and its values go and come binary. An idle connection whose server went away has a
readable socket: seen without a ping, and never handed out.
"""

from __future__ import annotations

import re
import select
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import UUID

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError

Rows = list[tuple[Any, ...]]
_NAME = re.compile(r"%\((\w+)\)s")
_MOST_PREPARED = 100
_BINARY: dict[type, Callable[[Any], bytes | None]] = {
    bytes: lambda value: cast("bytes", value),
    bool: lambda value: b"\1" if value else b"\0",
    int: lambda value: value.to_bytes(4, "big", signed=True),
    str: str.encode,
    UUID: lambda value: cast("bytes", value.bytes),
    type(None): lambda _: None,
}


class Single:
    """A statement; its values are named `%(so)s`: bytea, boolean, int, text, uuid or null."""

    def __init__(self, sql: str) -> None:
        self.names = list(dict.fromkeys(_NAME.findall(sql)))
        numbered = _NAME.sub(lambda name: f"${self.names.index(name[1]) + 1}", sql)
        self.sql = numbered.encode()
        self.formats = [pq.Format.BINARY] * len(self.names)

    def binary(self, values: Mapping[str, Any]) -> list[bytes | None]:
        given = [values[name] for name in self.names]
        return [_BINARY[type(value)](value) for value in given]


class Singles:
    """As many connections as threads ever asked at once; the last used is used again first."""

    def __init__(self, url: str, name: str) -> None:
        _, given = PGDialect_psycopg().create_connect_args(make_url(url))  # type: ignore[no-untyped-call]
        self._given = given | {"application_name": name, "connect_timeout": 5}
        self._idle: deque[_Own] = deque()

    def rows(self, statement: Single, values: Mapping[str, Any]) -> Rows:
        """All rows of one statement, committed. Raises what SQLAlchemy would."""
        try:
            own = self._take()
        except psycopg.Error as error:
            raise _known(error, statement) from error
        try:
            found = own.rows(statement, statement.binary(values))
        except psycopg.Error as error:
            if own.lives():
                self._idle.append(own)
            else:
                own.close()
            raise _known(error, statement) from error
        self._idle.append(own)
        return found

    def dispose(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> _Own:
        while True:
            try:
                own = self._idle.pop()
            except IndexError:
                return _Own(psycopg.connect(**self._given, autocommit=True))
            if own.lives():
                return own
            own.close()


class _Own:
    """A connection, what is prepared there, and what tells whether its server still listens."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection, self._driver = connection, connection.pgconn
        self._prepared: dict[bytes, bytes] = {}
        self._numbers = 0
        self._loaders = Transformer(connection)
        self._poll = select.poll()
        self._poll.register(connection.fileno(), select.POLLIN)
        self.close = connection.close

    def lives(self) -> bool:
        return not self._connection.closed and not self._poll.poll(0)

    def rows(self, statement: Single, values: list[bytes | None]) -> Rows:
        name = self._prepared.get(statement.sql) or self._prepare(statement.sql)
        given = cast("list[bytes]", values)  # the driver takes None too, for null
        found = self._driver.exec_prepared(name, given, statement.formats, pq.Format.BINARY)
        self._check(found, pq.ExecStatus.TUPLES_OK)
        self._loaders.set_pgresult(found)
        return self._loaders.load_rows(0, found.ntuples, tuple)

    def _prepare(self, sql: bytes) -> bytes:
        if len(self._prepared) >= _MOST_PREPARED:
            oldest = self._prepared.pop(next(iter(self._prepared)))
            self._check(self._driver.exec_(b"deallocate " + oldest), pq.ExecStatus.COMMAND_OK)
        self._numbers += 1
        name = b"single_%d" % self._numbers
        self._check(self._driver.prepare(name, sql), pq.ExecStatus.COMMAND_OK)
        self._prepared[sql] = name
        return name

    def _check(self, result: pq.abc.PGresult, wanted: pq.ExecStatus) -> None:
        if self._driver.status != pq.ConnStatus.OK:
            raise psycopg.OperationalError(self._driver.get_error_message())
        if result.status != wanted:
            raise error_from_result(result, self._connection.info.encoding)


def _known(error: psycopg.Error, statement: Single) -> Exception:
    """The same as SQLAlchemy would raise it, without values, which are people's."""
    sql = statement.sql.decode()
    told = DBAPIError.instance(sql, None, error, psycopg.Error, hide_parameters=True)
    return cast("Exception", told)
