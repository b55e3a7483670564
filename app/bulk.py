"""Rows into tables by the thousand, without the driver looking at each value by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from itertools import chain, islice
from typing import Any

from psycopg import Cursor
from psycopg.adapt import Dumper
from psycopg.types.json import JsonbDumper
from sqlalchemy.orm import Session

_SENT = 500  # lines at a time


class _Value(Dumper):
    """An enum's member as the tables have it; by itself psycopg writes its name."""

    def dump(self, obj: Enum) -> bytes:
        return str(obj.value).encode()


_DUMPERS: dict[type, type[Dumper]] = {dict: JsonbDumper, list: JsonbDumper, Enum: _Value}


def copy_rows(session: Session, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """All rows have the first one's columns, in its order.

    Dicts and lists become JSON, an enum's member its value. Raises psycopg.IntegrityError.
    """
    rest = iter(rows)
    first = next(rest, None)
    if first is None:
        return
    with _cursor(session) as cursor:
        for kind, dumper in _DUMPERS.items():
            cursor.adapters.register_dumper(kind, dumper)
        with cursor.copy(_target(table, first)) as copy:
            for row in chain((first,), rest):
                copy.write_row([*row.values()])


def copy_lines(session: Session, table: str, columns: Iterable[str], lines: Iterable[str]) -> None:
    """Rows that are in COPY's text form already: for the tables that get every row of a file.

    Sent some at a time, so that the database inserts while the next ones are put into words.
    """
    with _cursor(session) as cursor, cursor.copy(_target(table, columns)) as copy:
        rest = iter(lines)
        while some := "".join(islice(rest, _SENT)):
            copy.write(some)


def plain_array(values: Iterable[int | str]) -> str:
    """An array in text form, of numbers or of words that need no quotes, such as addresses."""
    return "{" + ",".join(map(str, values)) + "}"


def bytes_array(values: Iterable[bytes]) -> str:
    """A bytea[] in text form: the driver would escape each of thousands by itself."""
    return "{" + ",".join([rf'"\\x{value.hex()}"' for value in values]) + "}"


def _target(table: str, columns: Iterable[str]) -> str:
    return f"copy {table} ({', '.join(columns)}) from stdin"


def _cursor(session: Session) -> Cursor[Any]:
    driver = session.connection().connection.driver_connection
    assert driver is not None  # noqa: S101 - an open session has a connection
    cursor: Cursor[Any] = driver.cursor()
    return cursor
