"""What is asked of the database, by SQLAlchemy and straight from the driver, while a block runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.driver import Driver, Fixed, Rows


@contextmanager
def counted(engine: Engine) -> Iterator[tuple[list[str], list[str]]]:
    """Statements in their order, and commits of the engine's transactions."""
    real = Driver.rows
    statements: list[str] = []
    commits: list[str] = []

    def executed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    def committed(_connection: Any) -> None:
        commits.append("commit")

    def fixed(
        self: Driver, statement: Fixed, values: Mapping[str, Any], *, begin: bool = False
    ) -> Rows:
        statements.append(statement.sql.decode())
        return real(self, statement, values, begin=begin)

    heard = ("before_cursor_execute", executed), ("commit", committed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Driver, "rows", fixed)
        for name, listener in heard:
            event.listen(engine, name, listener)
        yield statements, commits
        for name, listener in heard:
            event.remove(engine, name, listener)
