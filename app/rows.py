"""Rows written by one statement for several tables, where the unit of work would cost too much.

    deed = made(Action, {"id": ..., ...})         a row object, as if it had been read
    part = Part(Action, "deed", [deed])
    sql = f"with deed as ({part.insert()}) ..."   "insert into action (...) select ..."
    fixed(sql).rows(session, part.values())
    written(session, deed)                        the session knows it from here on

Columns and types come from the model. A column that is null in all rows is left to the database.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from psycopg.types.json import Jsonb
from sqlalchemy import Table
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.instrumentation import manager_of_class
from sqlalchemy.orm.util import identity_key
from sqlmodel import SQLModel

from app.driver import DIALECT, Fixed

M = TypeVar("M", bound=SQLModel)


@cache
def fixed(sql: str) -> Fixed:
    """There are as many as there are sets of columns that are given together."""
    return Fixed(sql)


def made(model: type[M], values: dict[str, Any]) -> M:
    """A row object, columns that are not named at their default; SQLModel's way takes 0.2 ms."""
    row = manager_of_class(model).new_instance()
    plain, factories = _defaults(model)
    content = row.__dict__
    content.update(plain)
    content.update(values)
    for name, factory in factories.items():
        if name not in values:
            content[name] = factory()
    return row


def written(session: Session, row: SQLModel) -> None:
    """It stands in the database now: later changes of it are updates."""
    make_transient_to_detached(row)
    session.add(row)


def columns_of(*models: type[SQLModel]) -> list[Any]:
    """What a statement selects for `read` to make rows of."""
    return [column for model in models for column in table_of(model).columns]


def read(session: Session, values: Sequence[Any], *models: type[SQLModel]) -> list[Any]:
    """A row object of each model from `columns_of`, as if the session had read it; None where an
    outer join found nothing. What the session knows already it keeps."""
    found: list[Any] = []
    start = 0
    for model in models:
        readers = _readers(model)
        part = values[start : start + len(readers)]
        start += len(readers)
        found.append(_one(session, model, dict(zip(readers, part, strict=True))))
    return found


def _one(session: Session, model: type[M], values: dict[str, Any]) -> M | None:
    key = tuple(values[column.name] for column in table_of(model).primary_key)
    if None in key:
        return None
    known: M | None = session.identity_map.get(identity_key(model, key))
    if known is not None:
        return known
    for name, kind in _readers(model).items():
        if kind is not None and values[name] is not None:
            values[name] = kind(values[name])
    row = made(model, values)
    written(session, row)
    return row


@cache
def _readers(model: type[SQLModel]) -> dict[str, type[enum.Enum] | None]:
    """Columns in order, and the enum that a text of the driver's is made into."""
    columns = table_of(model).columns
    return {column.name: getattr(column.type, "enum_class", None) for column in columns}


class Part:
    """Rows of one model within a statement; `name` keeps its values apart from other parts'."""

    def __init__(self, model: type[SQLModel], name: str, rows: Sequence[SQLModel]) -> None:
        self._model, self._name, self._rows = model, name, rows
        named = table_of(model).columns.keys()
        self._columns = tuple(
            column for column in named if any(getattr(row, column) is not None for row in rows)
        )

    def insert(self, source: str = "") -> str:
        """The insert; `source`, such as "from kept", is what must have been written before."""
        return _insert(self._model, self._name, self._columns, len(self._rows), source)

    def values(self) -> dict[str, Any]:
        """The rows' values as the driver takes them."""
        return {
            f"{self._name}{number}_{column}": _plain(getattr(row, column))
            for number, row in enumerate(self._rows)
            for column in self._columns
        }


def table_of(model: type[SQLModel]) -> Table:
    return cast("Table", model.__table__)  # type: ignore[attr-defined]


@cache
def _insert(
    model: type[SQLModel], name: str, columns: tuple[str, ...], rows: int, source: str
) -> str:
    table = table_of(model)
    kinds = {column: table.columns[column].type.compile(DIALECT) for column in columns}
    selects = (
        ", ".join(f"%({name}{number}_{column})s::{kind}" for column, kind in kinds.items())
        for number in range(rows)
    )
    content = " union all ".join(f"select {one} {source}" for one in selects)
    return f"insert into {table.name} ({', '.join(columns)}) {content}"


@cache
def _defaults(model: type[SQLModel]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    fields = model.model_fields
    factories = {name: one.default_factory for name, one in fields.items() if one.default_factory}
    plain = {
        name: one.get_default()
        for name, one in fields.items()
        if name not in factories and not one.is_required()
    }
    return plain, cast("dict[str, Callable[[], Any]]", factories)


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    return Jsonb(value) if isinstance(value, dict | list) else value
