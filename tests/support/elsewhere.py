"""A city in another zone, for what asks a session's clock alone: no database is behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.clock import Clock, attach
from app.db import Database

NOBODY = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"  # never connected to


@contextmanager
def city_in(zone: str) -> Iterator[Session]:
    database = Database(NOBODY)
    attach(database, Clock(zone=ZoneInfo(zone)))
    with database.session() as session:
        yield session
    database.dispose()
