"""Jobs that should have ended well long ago and didn't, whatever it was: nothing stands still
without being named. By the database's own clock; what an incident has stopped is named by it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.edge import HALTING
from app.outbox.models import Incident, Lease
from app.outbox.service import incident_passed, report_incident

CODE = "job_stands_still"
EDGE = frozenset({"sender", "confirmer", "indexer"})
BOOKS = "books"  # its round looks at all others; whether it ends itself, the watch looks at
OFTEN = EDGE | {  # within a minute
    "access-log", "batcher", "cells", "contests", "expiry", "mail", "proofs", "recoveries",
    "seasons", "watch",
}  # fmt: skip
SELDOM = frozenset({"archives", "budgets", "facts", "payer", "retention"})  # within an hour
LONGEST, LONGEST_SELDOM = timedelta(minutes=10), timedelta(hours=3)
LONGEST_PROOF = timedelta(hours=1)  # of all accounts, each night
_DATABASE_TIME = text("select clock_timestamp()")


def check_jobs(session: Session, now: datetime, names: Collection[str] = OFTEN) -> int:
    """How many stand still; each is an alarm that ends when it has ended well once."""
    real = session.execute(_DATABASE_TIME).scalar_one()
    stopped = EDGE if _halted(session) else frozenset()
    leases = session.scalars(select(Lease).where(col(Lease.name).in_(names)))
    late = {
        lease.name: f"{lease.name} last ended well at {lease.last_success_at:%Y-%m-%d %H:%M:%S} UTC"
        for lease in leases
        if lease.name not in stopped
        and lease.last_success_at is not None
        and real - lease.last_success_at >= longest(lease.name)
    }
    for name in sorted(names):
        if name in late:
            report_incident(session, code=CODE, detail=late[name], now=now, reference=name)
        else:
            incident_passed(session, code=CODE, now=now, reference=name)
    return len(late)


def longest(name: str) -> timedelta:
    """After which it should have ended well."""
    if name in SELDOM:
        return LONGEST_SELDOM
    return LONGEST_PROOF if name == "proofs" else LONGEST


def _halted(session: Session) -> bool:
    query = select(col(Incident.id)).where(
        col(Incident.code).in_(HALTING), col(Incident.acknowledged_at).is_(None)
    )
    return session.scalars(query.limit(1)).first() is not None
