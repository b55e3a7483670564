"""One clock for everybody: PostgreSQL's, so that web, workers and signer never disagree.

In a demo home and in tests the clock can be moved: every process adds the same stored number
of seconds. Elsewhere the stored number is not even read.

    now = services().clock.now(session)      # an aware datetime in UTC, never cached
    city_day(session, now)                   # the day that it is in the city
    services().clock.move(session, days=3)   # demo and tests only; in the caller's transaction
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel

from app.db import BigInt, Database


class ClockOffset(SQLModel, table=True):
    """How far a demo's clock is ahead of PostgreSQL's, in seconds; one row or none."""

    __tablename__ = "clock_offset"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    seconds: int = Field(sa_type=BigInt)


class ClockFixedError(Exception):
    """Somebody tried to move a clock that may not be moved: a defect of the caller."""


_ATTACHED = "civis.clock"
_NOW = "clock_timestamp()"
_MOVED_NOW = (
    "clock_timestamp() + make_interval(secs => coalesce("
    "(select seconds from clock_offset where id = 1), 0)::double precision)"
)
_MOVE = text(
    "insert into clock_offset (id, seconds) values (1, :seconds) "
    "on conflict (id) do update set seconds = clock_offset.seconds + excluded.seconds"
)


class Clock:
    """Reads PostgreSQL's clock; `movable` only where settings.demo, or in tests. `zone`: of the
    city's days."""

    def __init__(self, *, movable: bool = False, zone: ZoneInfo | None = None) -> None:
        self.movable, self.zone = movable, zone or ZoneInfo("UTC")
        self.sql = _MOVED_NOW if movable else _NOW  # the same instant inside another statement
        self._now = text(f"select {self.sql}")

    def now(self, session: Session) -> datetime:
        """The instant at which this statement runs, not the transaction's start."""
        value: datetime = session.execute(self._now).scalar_one()
        return value.astimezone(UTC)

    def move(self, session: Session, *, days: int = 0, hours: int = 0, seconds: int = 0) -> None:
        """Moves everybody's clock by a span that may be negative; the caller commits."""
        if not self.movable:
            raise ClockFixedError("the clock moves only in a demo home")
        span = timedelta(days=days, hours=hours, seconds=seconds)
        session.execute(_MOVE, {"seconds": int(span.total_seconds())})


def clock_of(session: Session) -> Clock:
    """The clock that its database hands to the session; else PostgreSQL's own, unmoved."""
    found = session.info.get(_ATTACHED)
    return found if isinstance(found, Clock) else Clock()


def city_day(session: Session, moment: datetime) -> date:
    """The day that it is in the city at that moment: in Noumea half of UTC's is tomorrow's."""
    return moment.astimezone(clock_of(session).zone).date()


def city_midnight(session: Session, day: date) -> datetime:
    """When that day begins in the city, in UTC."""
    return datetime.combine(day, time(), clock_of(session).zone).astimezone(UTC)


def attach(database: Database, clock: Clock) -> None:
    """Hands a clock to every session that a database will open."""
    database.attach(_ATTACHED, clock)
