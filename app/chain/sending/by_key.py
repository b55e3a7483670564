"""A round over several keys: one that fails holds up no other, and is named until it works again.

That a node, the database or the signer is away, or that an operator took a row meanwhile, is the
fault of no key: it is raised when all were tried, and named by those who watch them, or by
`job_stands_still`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlmodel import col

from app import telemetry
from app.chain.edge import Edge
from app.chain.errors import ChainDiverged, ChainError, WrongChain
from app.errors import Problem
from app.outbox.leases import Fence, LeaseLost
from app.outbox.models import Incident
from app.outbox.queue import RowsTaken
from app.outbox.service import incident_passed, report_incident

log = telemetry.logger("sending")
T = TypeVar("T")
Failures = Sequence[tuple[str, Exception]]
_DATABASE_AWAY = (OperationalError, InterfaceError, DisconnectionError, PoolTimeoutError)


def each(
    edge: Edge, fence: Fence, subjects: Iterable[tuple[str, T]], do: Callable[[T], bool]
) -> int:
    """Do it for each subject, which comes with its key; how many did something.

    Afterwards the first error is raised. What must stop everything ends the round at once.
    """
    done, failures = 0, list[tuple[str, Exception]]()
    for key, subject in subjects:
        try:
            done += do(subject)
        except (LeaseLost, ChainDiverged, WrongChain):
            raise
        except Exception as error:  # noqa: BLE001 - named, and the first is raised below
            log.warning("key_failed", job=fence.name, key=key, error=said(error))
            failures.append((key, error))
    _name(edge, fence, failures)
    if failures:
        raise failures[0][1]
    return done


def _name(edge: Edge, fence: Fence, failures: Failures) -> None:
    """An alarm for each key that fails by itself; of the others, what was open is over."""
    own = {key: error for key, error in failures if is_its_own(error)}
    with edge.database.session() as session:
        over = _open(session, fence) - {_reference(fence, key) for key, _ in failures}
    if not own and not over:
        return
    with edge.database.transaction() as session:
        fence.check(session)
        now = edge.clock.now(session)
        for key, error in own.items():
            detail, about = f"{fence.name}, key {key}: {said(error)}", _reference(fence, key)
            report_incident(session, code="key_fails", detail=detail, now=now, reference=about)
        for about in over:
            incident_passed(session, code="key_fails", now=now, reference=about)


def is_its_own(error: Exception) -> bool:
    """Whether it isn't the fault of a node, the database or the signer."""
    if isinstance(error, Problem):
        return error.code not in ("signer-away", "signer-not-ready")
    return not isinstance(error, (ChainError, RowsTaken, *_DATABASE_AWAY))


def _open(session: Session, fence: Fence) -> set[str]:
    query = select(col(Incident.reference)).where(
        col(Incident.code) == "key_fails",
        col(Incident.acknowledged_at).is_(None),
        col(Incident.reference).startswith(_reference(fence, "")),
    )
    return {about for about in session.scalars(query) if about}


def _reference(fence: Fence, key: str) -> str:
    """Sender and confirmer each name what they themselves can't do."""
    return f"{fence.name}:{key}"


def said(error: Exception) -> str:
    """The first line: a database's further ones may quote somebody's row."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:500]
