"""Officers' and treasurers' roles that run out: the operator hears of it while there are still two.

With one of them nothing is confirmed any more, neither rules nor money, and no role is given.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import city_day
from app.identity.models import Role, RoleGrant
from app.identity.roles import began
from app.outbox.service import incident_passed, report_incident

CODE = "roles_run_out"
NOTICE = timedelta(days=30)
WATCHED = (Role.OFFICER, Role.TREASURER)
NEEDED = 2  # one proposes, another confirms
_NEVER = datetime.max.replace(tzinfo=UTC)


def watch_roles(session: Session, now: datetime) -> None:
    """An alarm for each of these roles, until enough of its holders are prolonged or replaced."""
    for role in WATCHED:
        end = _too_few_from(session, role, now)
        if end is None or end > now + NOTICE:
            incident_passed(session, code=CODE, now=now, reference=role.value)
        else:
            _report(session, role, end, now)


def _report(session: Session, role: Role, end: datetime, now: datetime) -> None:
    """Anew where the day is another one meanwhile."""
    detail = f"{role.value}s: fewer than two are left from {city_day(session, end)} on"
    about = role.value
    told = report_incident(session, code=CODE, detail=detail, now=now, reference=about)
    if told.detail != detail:
        incident_passed(session, code=CODE, now=now, reference=about)
        report_incident(session, code=CODE, detail=detail, now=now, reference=about)


def _too_few_from(session: Session, role: Role, now: datetime) -> datetime | None:
    """Since or from when, as things stand; None where so many were never there."""
    lasts: dict[UUID, datetime] = {}
    held = select(RoleGrant).where(col(RoleGrant.role) == role, began(now))
    for grant in session.scalars(held):
        end = grant.valid_until or _NEVER
        lasts[grant.person_id] = max(end, lasts.get(grant.person_id, end))
    ends = sorted(lasts.values(), reverse=True)
    return ends[NEEDED - 1] if len(ends) >= NEEDED else None
