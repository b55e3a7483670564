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
from collections.abc import Mapping, Sequence
from typing import Any, cast

import psycopg
from psycopg import capabilities, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
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
_FORGOTTEN, _CHANGED = b"26000", b"0A000"  # no such statement; other columns than when prepared


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
                return Driver(psycopg.connect(**self._given))
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
        self._prepared: dict[tuple[bytes, Sequence[int]], bytes] = {}
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
        idle = driver.transaction_status == pq.TransactionStatus.IDLE
        found = self._ask(statement.sql, given, begin=begin and idle)
        failed = found.status == pq.ExecStatus.FATAL_ERROR
        if failed and self._is_stale(found, statement.sql) and idle:
            _undo(self._connection)  # nothing was done in it before
            found = self._ask(statement.sql, given, begin=begin)
        if found.status != pq.ExecStatus.TUPLES_OK:
            return _done(self._connection, found)
        adapters.set_pgresult(found)
        return adapters.load_rows(0, found.ntuples, tuple)

    def _ask(self, sql: bytes, given: list[bytes], *, begin: bool) -> pq.abc.PGresult:
        adapters, driver = self._adapters, self._driver
        if begin:
            _done(self._connection, driver.exec_(b"begin"))
        asked = sql, adapters.types or ()
        name = self._prepared.get(asked) or self._prepare(*asked)
        return driver.exec_prepared(name, given, adapters.formats, pq.Format.BINARY)

    def _is_stale(self, found: pq.abc.PGresult, sql: bytes) -> bool:
        """Whether what was prepared is none any more, and forgets it: after DEALLOCATE ALL, which
        psycopg sends after any DROP or ALTER, and after a migration that changed its columns."""
        code = found.error_field(pq.DiagnosticField.SQLSTATE)
        if code == _FORGOTTEN:
            self._prepared.clear()
            return True
        if code == _CHANGED and (
            name := self._prepared.pop((sql, self._adapters.types or ()), None)
        ):
            self._close(name)
            return True
        return False

    def _close(self, name: bytes) -> None:
        """By the protocol where libpq can: PgBouncer knows that, and no DEALLOCATE of one."""
        driver = self._driver
        by_protocol = capabilities.has_send_close_prepared()
        closed = driver.close_prepared(name) if by_protocol else driver.exec_(b"deallocate " + name)
        if driver.transaction_status != pq.TransactionStatus.INERROR:
            _done(self._connection, closed)

    def _prepare(self, sql: bytes, types: Sequence[int]) -> bytes:
        if len(self._prepared) >= _MOST_PREPARED:
            oldest = self._prepared.pop(next(iter(self._prepared)))
            self._close(oldest)
        self._numbers += 1
        name = b"fixed_%d" % self._numbers
        _done(self._connection, self._driver.prepare(name, sql, types))
        self._prepared[sql, types] = name
        return name


class KeepingDialect(PGDialect_psycopg):
    """Whatever psycopg rolls back, it forgets all that is prepared besides, for the sake of tables
    made and undone, which nobody here makes; the next request would have all planned anew."""

    supports_statement_cache = True

    def do_commit(self, dbapi_connection: Any) -> None:
        if dbapi_connection.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            _done(dbapi_connection, dbapi_connection.pgconn.exec_(b"commit"))

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


def _undo(connection: psycopg.Connection[Any]) -> None:
    if connection.pgconn.transaction_status != pq.TransactionStatus.IDLE:
        _done(connection, connection.pgconn.exec_(b"rollback"))


def _known(error: psycopg.Error, statement: Fixed) -> Exception:
    """The same as SQLAlchemy would raise it, without values, which are people's."""
    sql = statement.sql.decode()
    told = DBAPIError.instance(sql, None, error, psycopg.Error, hide_parameters=True)
    return cast("Exception", told)
