"""Entries and seals of the access log as they are stored, in the order in which they are sealed.

Entries are in order of the transaction that wrote them, then of their ids. A transaction's number
is below the horizon only when it has ended, so the entries below it are all there are, for ever:
one that commits late has a higher number than the horizon had, and comes with a later seal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Row, extract, func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.log_seals import NOTHING, LogSeal, day_leaf, entry_hash
from app.impact.trees import BatchTree
from app.privacy.models import AccessRecord, AccessSeal

KEEP_MONTHS = 12  # after the end of an entry's month; app/migrations/versions/0004 drops it then
_HORIZON = text("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
_IN_UTC = func.timezone("UTC", col(AccessRecord.at))
entry_month = (extract("year", _IN_UTC) * 100 + extract("month", _IN_UTC)).label("month")
_COLUMNS = (
    col(AccessRecord.id),
    col(AccessRecord.at),
    col(AccessRecord.subject_id),
    col(AccessRecord.entry_sealed),
    col(AccessRecord.written),
)
Entry = Row[UUID, datetime, UUID, bytes, int]


def horizon(session: Session) -> int:
    """Every transaction with a lower number has ended."""
    return int(session.execute(_HORIZON).scalar_one())


def months_between(session: Session, start: int, end: int) -> list[int]:
    """In which months (yyyymm) there are entries of transactions from `start`, before `end`."""
    written = col(AccessRecord.written)
    query = select(entry_month).where(written >= start, written < end).distinct()
    return sorted(int(month) for month in session.scalars(query))


def entries_under(session: Session, seal: LogSeal) -> Sequence[Entry]:
    """What is stored where the seal speaks of; it may have changed since."""
    written = col(AccessRecord.written)
    in_span = written.between(seal.written_from, seal.written_before - 1)
    query = select(*_COLUMNS).where(in_span, entry_month == seal.month)
    return session.execute(query.order_by(written, col(AccessRecord.id))).all()


def hashes_of(entries: Iterable[Entry]) -> list[bytes]:
    return [entry_hash(*entry) for entry in entries]


def root_of(hashes: Sequence[bytes]) -> bytes:
    return BatchTree(hashes).root if hashes else NOTHING


def stated(row: AccessSeal) -> LogSeal:
    """What is signed of a stored seal."""
    return LogSeal(
        number=row.number,
        day=row.day,
        month=row.month,
        written_from=row.written_from,
        written_before=row.written_before,
        entries=row.entries,
        root=row.root,
        previous=row.previous,
    )


def seals_of_day(session: Session, day: int) -> list[AccessSeal]:
    query = select(AccessSeal).where(col(AccessSeal.day) == day)
    return list(session.scalars(query.order_by(col(AccessSeal.number))))


def day_tree(seals: Iterable[AccessSeal]) -> BatchTree:
    """Over at least one seal, all signed."""
    return BatchTree([day_leaf(stated(row).digest(), row.signature or b"") for row in seals])


def last_seal(session: Session, *, signed: bool = False) -> AccessSeal | None:
    query = select(AccessSeal).order_by(col(AccessSeal.number).desc()).limit(1)
    if signed:
        query = query.where(col(AccessSeal.signature).is_not(None))
    return session.scalar(query)


def is_past(month: int, now: datetime) -> bool:
    """Whether the rule has dropped a month's entries, or may at any moment."""
    after = month // 100 * 12 + month % 100 + KEEP_MONTHS  # months since year 0, from January = 0
    today = now.astimezone(UTC)
    return today.year * 12 + today.month - 1 >= after
