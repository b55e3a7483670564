"""Every minute: what was read since the last round is sealed, signed, and in time on the chain.

A round writes the seals, commits, and then has them signed one by one: stopped anywhere it goes on
from its rows, and the signer gives a number only one signature. The seals are written by the log's
own database role; that a day's root must reach the chain is said by the application's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.log_seals import KIND, NOTHING, LogSeal
from app.clock import Clock
from app.db import Database
from app.impact.leaf import date_of, day_of, month_of
from app.outbox.models import OutboxItem
from app.outbox.service import enqueue
from app.privacy.models import AccessSeal
from app.reporting.access.entries import (
    day_tree,
    entries_under,
    hashes_of,
    horizon,
    last_seal,
    months_between,
    root_of,
    seals_of_day,
    stated,
)

ANCHOR = "anchor"


class LogRestoredError(Exception):
    """The database's transaction numbers are lower than those that seals speak of."""


class Sealer(Protocol):
    """The signer process, as this job sees it."""

    def sign_log_seal(self, seal: LogSeal) -> bytes: ...


def seal_log(database: Database, clock: Clock, sealer: Sealer) -> int:
    """One round, as the log's role; how many seals were signed. Raises Problem, LogRestoredError.

    Two rounds at once do no harm: a number is taken once.
    """
    with database.transaction() as session:
        if last_seal_is_signed(session):
            session.add_all(_next_seals(session, day_of(clock.now(session))))
    with database.session() as session:
        query = select(AccessSeal).where(col(AccessSeal.signature).is_(None))
        unsigned = [stated(row) for row in session.scalars(query.order_by(col(AccessSeal.number)))]
    for seal in unsigned:
        signature = sealer.sign_log_seal(seal)
        with database.transaction() as session:
            session.execute(
                update(AccessSeal)
                .where(col(AccessSeal.number) == seal.number, col(AccessSeal.signature).is_(None))
                .values(signature=signature)
            )
    return len(unsigned)


def last_seal_is_signed(session: Session) -> bool:
    """So too before there is any."""
    last = last_seal(session)
    return last is None or last.signature is not None


def _next_seals(session: Session, today: int) -> Iterator[AccessSeal]:
    """One for each month that new entries are in, and one at least for each day."""
    row, end = last_seal(session), horizon(session)
    last = stated(row) if row else LogSeal(0, today - 1, 0, 0, 0, 0, NOTHING, NOTHING)
    if end < last.written_before:
        raise LogRestoredError(
            f"The log is sealed up to transaction {last.written_before}, and the database is at"
            f" {end}: it was restored from a dump. See the operators' guide, the access log."
        )
    months, start = months_between(session, last.written_before, end), last.written_before
    for day in range(last.day + 1, today):  # nobody sealed then: what came is in today's
        last = _following(last, day, month_of(date_of(day)), (start, start))
        yield _row(last)
    if not months and last.day < today:
        yield _row(_following(last, today, month_of(date_of(today)), (start, start)))
    for month in months:
        last = _following(last, max(today, last.day), month, (start, end))
        hashes = hashes_of(entries_under(session, last))
        last = replace(last, entries=len(hashes), root=root_of(hashes))
        yield _row(last)


def _following(last: LogSeal, day: int, month: int, span: tuple[int, int]) -> LogSeal:
    """The next seal, of no entry yet."""
    previous = last.digest() if last.number else NOTHING
    return LogSeal(last.number + 1, day, month, *span, 0, NOTHING, previous)


def _row(seal: LogSeal) -> AccessSeal:
    return AccessSeal(**vars(seal))


def anchor_days(session: Session, now: datetime) -> int:
    """Says once for each day that has ended that its root must reach the chain; how many days."""
    over = select(func.max(col(AccessSeal.day))).where(col(AccessSeal.signature).is_not(None))
    last = session.scalar(over)
    days = select(col(AccessSeal.day)).where(col(AccessSeal.day) < (last or 0)).distinct()
    said = select(col(OutboxItem.key)).where(col(OutboxItem.kind) == ANCHOR)
    known, made = set(session.scalars(said)), 0
    for day in sorted(session.scalars(days)):
        if key_of(day) not in known:
            root = day_tree(seals_of_day(session, day)).root
            values = {"kind": KIND, "day": day, "root": root}
            enqueue(session, kind=ANCHOR, key=key_of(day), payload=values, now=now)
            made += 1
    return made


def key_of(day: int) -> str:
    """The natural key of a day's root in the outbox."""
    return f"access-log {date_of(day).isoformat()}"


def keep_months(database: Database) -> int:
    """Makes the months ahead and drops those past, as PostgreSQL has the rule; how many went."""
    with database.transaction() as session:
        session.execute(text("select make_log_months()"))
        return int(session.execute(text("select drop_log_months()")).scalar_one())
