"""What went wrong on our side while a job was worked: tried again, or told and set aside.

A partner's file must never stop everybody's: only what time heals keeps a job open.
"""

from __future__ import annotations

import traceback
from datetime import datetime
from uuid import UUID

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from app import telemetry
from app.errors import Problem
from app.outbox.service import report_incident

CODE = "import-broken"
INCIDENT = "import_broken"

# Of PostgreSQL's codes: connection, read-only (a change of servers), rolled back for another's
# sake, out of room, locked, ended by an operator, the machine. Not 54, a limit that a value breaks,
# nor 57014, a statement over its time: both would come back with every round, though the driver
# counts them among the operational ones.
_HEALED = ("08", "25006", "40", "53", "55", "57P", "58")

log = telemetry.logger("imports")


def heals(error: Exception) -> bool:
    """Whether a later round can succeed although nobody changes the file or the code."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _database_heals(error.orig)
    if isinstance(error, Problem):
        return error.code == "signer-away"
    return _database_heals(error) or isinstance(error, OSError | PoolTimeoutError)


def _database_heals(error: BaseException | None) -> bool:
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:  # it never reached the server, or lost it
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(_HEALED)


def report_defect(session: Session, job_id: UUID, error: Exception, now: datetime) -> None:
    """An incident that names the place, never the message: it may quote a person's row."""
    steps = [f"{one.filename}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)]
    ours = [step[step.rfind("/app/") + 1 :] for step in steps if "/app/" in step]
    kind = type(error).__name__
    log.error("import_broken", job_id=str(job_id), kind=kind, steps=ours)
    place = ours[-1] if ours else "?"
    report_incident(
        session, code=INCIDENT, detail=f"{kind} at {place}", now=now, reference=str(job_id)
    )
