"""Statements straight from the driver: for what every request asks, and every opening of a value.

SQLAlchemy's connection and result around such a statement take longer than PostgreSQL does, and so
do a cursor's. So it is prepared once on each connection, and its values go and come binary.

    _CLAIM = Fixed("select ... where key = %(key)s")
    _CLAIM.rows(session, {"key": key})               # within the session's transaction
    database.singles.rows(_ENTER, {"token": token})  # a transaction of its own, committed
"""

from __future__ import annotations

import re
import select
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import (
    FeatureNotSupported,
    InFailedSqlTransaction,
    InvalidSqlStatementName,
    error_from_result,
)
from sqlalchemy import URL, ClauseElement, Dialect, Executable, make_url
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Rows = list[tuple[Any, ...]]
DIALECT: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
_NAME = re.compile(r"%\((\w+)\)s")
_MOST_PREPARED = 100
_OWN = "civis.driver"
_FORGOTTEN = (InvalidSqlStatementName, FeatureNotSupported)
_ENDS = psycopg.capabilities.has_send_close_prepared()

_Asked = tuple[bytes, Sequence[int]]


class Fixed:
    """A statement put into words once; its values are named, `%(so)s`. Two `%` stand for one."""

    def __init__(self, statement: str | Executable) -> None:
        sql = statement if isinstance(statement, str) else words(cast("ClauseElement", statement))
        self.names = tuple(dict.fromkeys(_NAME.findall(sql)))
        numbered = _NAME.sub(lambda name: f"${self.names.index(name[1]) + 1}", sql)
        self.sql = numbered.replace("%%", "%").encode()
        self.formats = [PyFormat.AUTO] * len(self.names)

    def rows(self, session: Session, values: Mapping[str, Any]) -> Rows:
        """All its rows, in the session's transaction; what waits to be flushed waits on.

        Raises what SQLAlchemy would.
        """
        connection = session.connection()
        lent = connection.connection
        driver = lent.info.get(_OWN)
        if driver is None:
            own = cast("psycopg.Connection[Any]", lent.driver_connection)
            driver = lent.info[_OWN] = Driver(own)
        try:
            return cast("Driver", driver).rows(self, values, begin=True)
        except psycopg.Error as error:
            if not driver.lives():
                connection.invalidate(error)
            raise _known(error, self) from error


def words(part: ClauseElement) -> str:
    return str(part.compile(dialect=DIALECT))


class Singles:
    """As many connections as threads ever asked at once; the last used is used again first.

    An idle one whose server went away has a readable socket: seen without a ping, never handed out.
    """

    def __init__(self, url: str, name: str) -> None:
        _, given = DIALECT.create_connect_args(make_url(url))
        self._given: dict[str, Any] = {
            **given,
            "application_name": name,
            "connect_timeout": 5,
            "autocommit": True,
        }
        self._idle: deque[Driver] = deque()
        self.on_connect: Callable[[psycopg.Connection[Any]], None] = lambda _: None

    def rows(self, statement: Fixed, values: Mapping[str, Any]) -> Rows:
        """All its rows, committed. Raises what SQLAlchemy would."""
        try:
            driver = self._take()
        except psycopg.Error as error:
            raise _known(error, statement) from error
        try:
            found = driver.rows(statement, values)
        except psycopg.Error as error:
            self._back(driver)
            raise _known(error, statement) from error
        self._idle.append(driver)
        return found

    def dispose(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> Driver:
        while True:
            try:
                driver = self._idle.pop()
            except IndexError:
                made = psycopg.connect(**self._given)
                self.on_connect(made)
                return Driver(made)
            if driver.lives():
                return driver
            driver.close()

    def _back(self, driver: Driver) -> None:
        if driver.lives():
            self._idle.append(driver)
        else:
            driver.close()


class Driver:
    """A connection, what is prepared there, and what tells whether its server still listens."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection, self._driver = connection, connection.pgconn
        self._prepared: dict[_Asked, bytes] = {}
        self._numbers = 0
        self._adapters = Transformer(connection)
        self._poll = select.poll()
        self._poll.register(connection.fileno(), select.POLLIN)
        self.close = connection.close

    def lives(self) -> bool:
        return not self._connection.closed and not self._poll.poll(0)

    def rows(self, statement: Fixed, values: Mapping[str, Any], *, begin: bool = False) -> Rows:
        adapters, driver = self._adapters, self._driver
        named = [values[name] for name in statement.names]
        given = cast("list[bytes]", adapters.dump_sequence(named, statement.formats))  # None: null
        asked = statement.sql, adapters.types or ()
        first = driver.transaction_status == pq.TransactionStatus.IDLE
        if begin and first:
            _done(self._connection, driver.exec_(b"begin"))
        try:
            return self._run(asked, given)
        except _FORGOTTEN as error:
            self._forget(asked, error)
            if not first:  # what was done before is lost with the transaction
                raise
        if begin:
            _done(self._connection, driver.exec_(b"rollback"))
            _done(self._connection, driver.exec_(b"begin"))
        return self._run(asked, given)

    def _run(self, asked: _Asked, given: list[bytes]) -> Rows:
        adapters = self._adapters
        name = self._prepared.get(asked) or self._prepare(*asked)
        found = self._driver.exec_prepared(name, given, adapters.formats, pq.Format.BINARY)
        if found.status != pq.ExecStatus.TUPLES_OK:
            return _done(self._connection, found)
        adapters.set_pgresult(found)
        return adapters.load_rows(0, found.ntuples, tuple)

    def _prepare(self, sql: bytes, types: Sequence[int]) -> bytes:
        if len(self._prepared) >= _MOST_PREPARED:
            self._end(self._prepared.pop(next(iter(self._prepared))))
        self._numbers += 1
        name = b"fixed_%d" % self._numbers
        _done(self._connection, self._driver.prepare(name, sql, types))
        self._prepared[sql, types] = name
        return name

    def _forget(self, asked: _Asked, error: psycopg.Error) -> None:
        """The server knows none of them any more (something had it deallocate all), or this one
        stands for tables as they were before a migration."""
        if isinstance(error, InvalidSqlStatementName):
            self._prepared.clear()
        elif name := self._prepared.pop(asked, None):
            self._end(name, broken=True)

    def _end(self, name: bytes, *, broken: bool = False) -> None:
        """By the protocol where libpq can: a pooler in between knows the name under which it keeps
        the statement, and a transaction that failed allows it."""
        if _ENDS:
            _done(self._connection, self._driver.close_prepared(name))
        elif not broken:
            _done(self._connection, self._driver.exec_(b"deallocate " + name))


class KeepingDialect(PGDialect_psycopg):
    """Whatever psycopg rolls back, it forgets all that is prepared besides, for the sake of tables
    made and undone, which nobody here makes; the next request would have all planned anew."""

    supports_statement_cache = True

    def do_commit(self, dbapi_connection: Any) -> None:
        if dbapi_connection.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            ended = dbapi_connection.pgconn.exec_(b"commit")
            _done(dbapi_connection, ended)
            if ended.command_status == b"ROLLBACK":  # PostgreSQL says it by this alone
                raise InFailedSqlTransaction("The transaction had failed: nothing was committed.")

    def do_rollback(self, dbapi_connection: Any) -> None:
        if dbapi_connection.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            _done(dbapi_connection, dbapi_connection.pgconn.exec_(b"rollback"))

    def do_rollback_to_savepoint(self, connection: Any, name: str) -> None:
        own = connection.connection.driver_connection
        _done(own, own.pgconn.exec_(f'rollback to savepoint "{name}"'.encode()))


registry.register("postgresql.keeping", __name__, KeepingDialect.__name__)


def keeping(url: str) -> URL:
    """The same database by that dialect."""
    return make_url(url).set(drivername="postgresql+keeping")


def _done(connection: psycopg.Connection[Any], result: pq.abc.PGresult) -> Rows:
    """Of a statement without rows."""
    if connection.pgconn.status != pq.ConnStatus.OK:
        raise psycopg.OperationalError(connection.pgconn.get_error_message())
    if result.status != pq.ExecStatus.COMMAND_OK:
        raise error_from_result(result, connection.info.encoding)
    return []


def _known(error: psycopg.Error, statement: Fixed) -> Exception:
    """The same as SQLAlchemy would raise it, without values, which are people's."""
    sql = statement.sql.decode()
    told = DBAPIError.instance(sql, None, error, psycopg.Error, hide_parameters=True)
    return cast("Exception", told)
