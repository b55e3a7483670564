"""What a mandated auditor checks with access to the database: every seal, or those of a day.

A seal is compared with its signature, with the seal before it, and with the entries stored where it
speaks of. Entries that the rule has dropped are said to be dropped, never to be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.log_seals import NOTHING, LogSeal
from app.chain.signatures import BadSignature, recover
from app.impact.leaf import date_of
from app.privacy.models import AccessRecord, AccessSeal
from app.reporting.access.entries import (
    day_tree,
    entries_under,
    hashes_of,
    is_past,
    root_of,
    stated,
)
from app.reporting.access.roots import RootOf

LATEST = timedelta(minutes=10)  # after so long an entry must be under a signed seal
_SIGNED = col(AccessSeal.signature).is_not(None)  # the newest may be a moment without


@dataclass(frozen=True)
class Fault:
    """`number`: of the seal, none where no seal is at fault."""

    what: str
    number: int | None = None


@dataclass
class LogReport:
    """`dropped`: seals whose entries went by rule; `rooted`: days whose root the chain holds."""

    seals: int = 0
    entries: int = 0
    dropped: int = 0
    rooted: int = 0
    faults: list[Fault] = field(default_factory=list)

    def fault(self, what: str, number: int | None = None) -> None:
        self.faults.append(Fault(what, number))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def check_log(
    session: Session,
    *,
    sealer: str,
    now: datetime,
    day: int | None = None,
    root_of_day: RootOf | None = None,
) -> LogReport:
    """`sealer`: the address whose signature counts; `root_of_day`: asks the chain, if given."""
    report = LogReport()
    last = before = None if day is None else _before(session, day)
    for of_day, group in groupby(_seals(session, day), key=lambda row: row.day):
        seals = list(group)
        for row in seals:
            seal = stated(row)
            _check_seal(report, seal, row.signature, sealer, last)
            _check_entries(report, session, seal, now)
            last = seal
        if root_of_day is not None:
            _check_root(report, session, of_day, seals, root_of_day(of_day))
    if day is not None and not report.seals:
        report.fault(f"{date_of(day)} has no seal")
    _check_between(report, session, before, last)
    if day is None:
        _check_unsealed(report, session, last)
    return report


def _seals(session: Session, day: int | None) -> Iterable[AccessSeal]:
    query = select(AccessSeal).where(_SIGNED).order_by(col(AccessSeal.number))
    if day is not None:
        query = query.where(col(AccessSeal.day) == day)
    return session.scalars(query.execution_options(yield_per=500))


def _before(session: Session, day: int) -> LogSeal | None:
    query = select(AccessSeal).where(_SIGNED, col(AccessSeal.day) < day)
    row = session.scalar(query.order_by(col(AccessSeal.number).desc()).limit(1))
    return stated(row) if row else None


def _check_seal(
    report: LogReport, seal: LogSeal, signature: bytes | None, sealer: str, last: LogSeal | None
) -> None:
    report.seals += 1
    if seal.number != (last.number + 1 if last else 1):
        report.fault("a seal before it is missing", seal.number)
    elif seal.previous != (last.digest() if last else NOTHING):
        report.fault("it does not follow the seal before it", seal.number)
    start = last.written_before if last else 0
    same_round = last is not None and (last.written_from, last.written_before) == (
        seal.written_from,
        seal.written_before,
    )
    if not same_round and seal.written_from != start:
        report.fault("it leaves transactions out", seal.number)
    if last is not None and seal.day < last.day:
        report.fault("its day is before that of the seal before it", seal.number)
    if not _is_signed(seal, signature, sealer):
        report.fault("the signer did not sign it", seal.number)


def _is_signed(seal: LogSeal, signature: bytes | None, sealer: str) -> bool:
    try:
        return recover(seal.digest(), signature or b"") == sealer
    except (BadSignature, ValueError):
        return False


def _check_entries(report: LogReport, session: Session, seal: LogSeal, now: datetime) -> None:
    entries = entries_under(session, seal)
    report.entries += len(entries)
    if seal.entries and not entries and is_past(seal.month, now):
        report.dropped += 1
    elif len(entries) != seal.entries:
        report.fault(f"{len(entries)} entries are stored, {seal.entries} were sealed", seal.number)
    elif root_of(hashes_of(entries)) != seal.root:
        report.fault("an entry is not the one that was sealed", seal.number)


def _check_root(
    report: LogReport, session: Session, day: int, seals: Iterable[AccessSeal], known: bytes | None
) -> None:
    """The day's root; what is not over yet has none."""
    later = select(col(AccessSeal.number)).where(_SIGNED, col(AccessSeal.day) > day).limit(1)
    if known is None:
        if session.scalar(later) is not None:
            report.fault(f"{date_of(day)} has no root on the chain")
    elif day_tree(seals).root != known:
        report.fault(f"the seals of {date_of(day)} are not those whose root the chain holds")
    else:
        report.rooted += 1


def _check_between(
    report: LogReport, session: Session, before: LogSeal | None, last: LogSeal | None
) -> None:
    """No entry lies in the span and under no seal: each seal counts those of its own month."""
    start, end = (one.written_before if one else 0 for one in (before, last))
    written = col(AccessRecord.written)
    query = select(func.count()).where(written >= start, written < end)
    stored = session.scalar(query.select_from(AccessRecord)) or 0
    if stored > report.entries:
        report.fault(f"{stored - report.entries} entries are under no seal")


def _check_unsealed(report: LogReport, session: Session, last: LogSeal | None) -> None:
    waiting = select(func.count()).where(
        col(AccessRecord.written) >= (last.written_before if last else 0),
        col(AccessRecord.at) < func.clock_timestamp() - LATEST,
    )
    count = session.scalar(waiting.select_from(AccessRecord))
    if count:
        report.fault(f"{count} entries have waited for a seal for more than {LATEST}")


def in_words(report: LogReport) -> Iterator[str]:
    yield (
        f"{report.seals} seals over {report.entries} entries, of {report.dropped} seals the entries"
        f" were dropped by rule; {report.rooted} days are on chain"
    )
    for fault in report.faults:
        yield "FAULT  " + (f"seal {fault.number}: " if fault.number else "") + fault.what
    yield "THE LOG AGREES" if not report.faults else "THE LOG DOES NOT AGREE"
