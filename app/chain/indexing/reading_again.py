"""Reading the chain again from its first block, beside what was read before.

Into temporary tables of the same names, which a connection sees before the real ones: so the very
code that keeps the real tables fills these, and neither people nor workers notice any of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session, sessionmaker
from sqlmodel import col

from app.chain.contracts.events import Listeners
from app.chain.edge import Edge
from app.chain.indexing.finals import finalise
from app.chain.indexing.indexer import check_past, follow, start_cursors
from app.chain.indexing.reading import Span
from app.chain.models import ChainCursor
from app.db import Database
from app.outbox.leases import Fence

RAW = ("chain_block", "chain_log", "chain_cursor")
_LOCK = text("select number from public.chain_cursor where name = 'final' for update")


class Beside(Database):
    """One connection, on which empty tables of these names stand before the real ones."""

    def __init__(self, connection: Connection, tables: Sequence[str]) -> None:
        self.engine = connection.engine
        self._sessions = sessionmaker(connection, expire_on_commit=False)
        for table in tables:
            made = f"create temporary table {table} (like public.{table} including all)"
            connection.execute(text(made))
        connection.commit()


@contextmanager
def beside(database: Database, tables: Sequence[str]) -> Iterator[Beside]:
    """A connection of its own, closed afterwards: nobody else may ever see its tables."""
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        if driver is not None:
            driver.prepare_threshold = None  # what was planned before means the real tables
        try:
            yield Beside(connection, tables)
        finally:
            connection.invalidate()


@contextmanager
def read_again(
    edge: Edge, fence: Fence, listeners: Listeners, tables: Sequence[str]
) -> Iterator[tuple[Session, int]]:
    """`RAW` and what these listeners write, the `tables`, as the chain has them up to the final
    block; in a transaction in which the indexer can't move on, committed at the end.

    The real tables are `public.…` there. Raises ChainDiverged, WrongChain, NodeBehind, ...
    """
    with beside(edge.database, (*RAW, *tables)) as fresh:
        again = replace(edge, database=fresh)
        span = Span.up_to(edge.chain.log_range)
        while True:
            number = _final(edge)
            with edge.client.one_node():
                _catch_up(again, fence, listeners, span, number)
            with fresh.transaction() as session:
                if session.execute(_LOCK).scalar_one() == number:
                    yield session, number
                    return


def _catch_up(edge: Edge, fence: Fence, listeners: Listeners, span: Span, number: int) -> None:
    start_cursors(edge, fence)
    check_past(edge)
    more = True
    while more:
        more = follow(edge, fence, span, number)
        while finalise(edge, fence, listeners, number) is not None:
            pass


def _final(edge: Edge) -> int:
    with edge.database.session() as session:
        found = select(col(ChainCursor.number)).where(col(ChainCursor.name) == "final")
        return session.scalar(found) or 0
