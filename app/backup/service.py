"""From shut doors to open ones: match, as often as needed, then open. One at a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.backup.matching import Decided, Report, match
from app.chain.edge import Edge
from app.doors import are_shut, restoration_under_way
from app.journal import KEY_DESTROYED, Journal, Reading
from app.outbox.operator import By, NotPossibleError
from app.outbox.service import report_incident
from app.privacy.retention import destroy_again
from app.restoration_models import Restoration

_PATIENT = text("set local idle_in_transaction_session_timeout = 0")


def bring_up(edge: Edge, journal: Journal, decided: Decided | None = None) -> Report:
    """Matches all and keeps it, or keeps nothing but the report. Raises NotPossibleError,
    ChainError, and Problem where the signer can't be asked."""
    with edge.database.transaction() as session:
        restoration = under_way(session)
        reading, now = journal.read(), edge.clock.now(session)
        tried = session.begin_nested()
        report = match(session, edge, reading, now, decided or Decided())
        if report.matched:
            tried.commit()
            _keep(session, restoration, report, now)
        else:
            tried.rollback()
            restoration.report = report.plain()
    if report.matched:
        _destroy_keys(edge, reading, report)
    return report


def _destroy_keys(edge: Edge, reading: Reading, report: Report) -> None:
    """Months' keys that their backup brought back go once what they wrapped is erased again."""
    gone = {one.ids["epoch"] for one in reading.entries if one.kind == KEY_DESTROYED and one.done}
    with edge.database.session() as session:
        if again := destroy_again(session, gone, edge.clock.now(session)):
            report.replayed[KEY_DESTROYED] = len(again)


def under_way(session: Session) -> Restoration:
    """Locked until the transaction ends, however long the chain is asked meanwhile. Raises
    NotPossibleError, at once where somebody else matches or opens."""
    session.execute(_PATIENT)
    found = restoration_under_way(session, lock=True)
    if found is None and are_shut(session):
        raise NotPossibleError("Another `civis restore` is at work: wait until it has ended.")
    if found is None:
        raise NotPossibleError("No restore is under way: the doors are open.")
    return found


def _keep(session: Session, restoration: Restoration, report: Report, now: datetime) -> None:
    """What is lost stays on record until somebody has looked."""
    earlier = restoration.report or {}
    if earlier.get("matched"):  # matched again: what was found lost then is lost still
        report.lost = list(dict.fromkeys([*earlier["lost"], *report.lost]))
    restoration.report = report.plain()
    for one in report.lost:
        report_incident(
            session, code="lost_in_restore", detail=one[:500], now=now, reference=one[:100]
        )
    session.flush()


def open_doors(session: Session, edge: Edge, by: By, now: datetime) -> Restoration:
    """Once all is matched and the chain has moved on by nothing of ours since. Raises
    NotPossibleError. The caller commits."""
    restoration = under_way(session)
    if not (restoration.report or {}).get("matched"):
        raise NotPossibleError("Not everything on the chain is matched: `civis restore match`.")
    check = match(session, edge, Reading((), 0), now, Decided())
    if not check.matched or check.nonces_taken:
        raise NotPossibleError("The chain holds more by now: `civis restore match` again.")
    restoration.shut, restoration.opened_at = False, now
    restoration.opened_by = by.words[:500]
    session.flush()
    return restoration
