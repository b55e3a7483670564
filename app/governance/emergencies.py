"""Emergency access: one person acts alone for a few hours, and everybody hears of it.

It is no role and gives none: neither the door nor the signer knows it. The few deeds of its list
have ways in of their own, which ask here; so whatever else needs a role or two people, this opens
nothing of it (docs/adr/0023). Callers commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.db import uuid7
from app.errors import NotFound, Problem
from app.governance import emergency_letters, emergency_problems
from app.governance.emergency_models import (
    EmergencyAccess,
    EmergencyAct,
    EmergencyDeed,
    EmergencyEnd,
    EmergencyReview,
)
from app.identity.models import Person, Role
from app.identity.roles import STAFF, check_compatible, roles_of
from app.privacy.service import Actor, Ref, open_sealed, record_access, seal

__all__ = ["emergency_problems"]

OPENERS = frozenset({Role.OFFICER, Role.OPERATOR})
REVIEWERS = STAFF - {Role.OPERATOR}
MOST_HOURS, HOUR, REVIEWS = 4, timedelta(hours=1), 2
REST = 24 * HOUR
PURPOSE = "emergency"  # by law: whoever opens one can't have name and reason stand still
_TABLE = "emergency_access"
_LOOKED = (
    select(func.count())
    .where(col(EmergencyReview.emergency_id) == col(EmergencyAccess.id))
    .correlate(EmergencyAccess)
    .scalar_subquery()
)


def open_access(
    session: Session, person_id: UUID, *, hours: int, reason: str, now: datetime
) -> EmergencyAccess:
    """Raises Problem not-allowed, roles-incompatible (what an officer may not be, nobody is in an
    emergency either), emergency-so-soon."""
    session.get_one(Person, person_id, with_for_update=True)  # one opening after the other
    held = roles_of(session, person_id, now)
    check_compatible(Role.OFFICER, {role: of for role, of in held.items() if role not in OPENERS})
    if OPENERS.isdisjoint(held):
        raise Problem("not-allowed")
    _check_rested(session, person_id, now)
    row_id = uuid7()
    access = EmergencyAccess(
        id=row_id,
        person_id=person_id,
        reason_sealed=seal(session, person_id, _reason_at(row_id), reason),
        opened_at=now,
        until=now + timedelta(hours=hours),
    )
    session.add(access)
    session.flush()
    # In the log that is sealed every minute, with a root on the chain: no row here hides it.
    record_access(
        session, person_id, resource=_TABLE, fields=["opened"], purpose=PURPOSE,
        actor=Actor.system("emergency"),
    )  # fmt: skip
    emergency_letters.tell_everybody(session, access, now)
    return access


def note_act(
    session: Session, person_id: UUID, deed: EmergencyDeed, about: UUID, now: datetime
) -> EmergencyAct:
    """With the deed itself, in its transaction. Raises Problem emergency-not-open."""
    access = open_for(session, person_id, now)
    made = EmergencyAct(emergency_id=access.id, at=now, deed=deed, about=about)
    session.add(made)
    session.flush()
    return made


def open_for(session: Session, person_id: UUID, now: datetime) -> EmergencyAccess:
    """The one that they have open, held until this transaction ends, so that nobody's end comes in
    between. Raises Problem emergency-not-open."""
    session.get_one(Person, person_id, with_for_update={"read": True}, populate_existing=True)
    query = _open_now(now).where(col(EmergencyAccess.person_id) == person_id)
    found = session.scalars(query).first()
    if found is None or OPENERS.isdisjoint(roles_of(session, person_id, now)):
        raise Problem("emergency-not-open")
    return found


def end_access(session: Session, access_id: UUID, *, by: UUID, now: datetime) -> EmergencyAccess:
    """At once: by whoever opened it, or any officer. Raises NotFound, Problem not-allowed,
    emergency-over."""
    access = _locked(session, access_id)
    if access.person_id != by and Role.OFFICER not in roles_of(session, by, now):
        raise Problem("not-allowed")
    if is_over(session, access, now):
        raise Problem("emergency-over")
    session.add(EmergencyEnd(emergency_id=access.id, at=now, by=by))
    session.flush()
    return access


def review(
    session: Session, access_id: UUID, *, text: str, by: UUID, now: datetime
) -> EmergencyAccess:
    """Somebody else wrote that they looked. Raises NotFound, Problem emergency-goes-on,
    emergency-review-another."""
    access = _locked(session, access_id)
    if not is_over(session, access, now):
        raise Problem("emergency-goes-on")
    earlier = {one.person_id for one in reviews_of(session, access_id)}
    if by == access.person_id or by in earlier:
        raise Problem("emergency-review-another")
    row_id = uuid7()
    sealed = seal(session, by, _review_at(row_id), text)
    made = EmergencyReview(
        id=row_id, emergency_id=access_id, person_id=by, at=now, text_sealed=sealed
    )
    session.add(made)
    session.flush()
    return access


def is_over(session: Session, access: EmergencyAccess, now: datetime) -> bool:
    return now >= access.until or end_of(session, access) is not None


def end_of(session: Session, access: EmergencyAccess) -> EmergencyEnd | None:
    return session.get(EmergencyEnd, access.id)


def open_accesses(session: Session, now: datetime) -> Sequence[EmergencyAccess]:
    """Those that last at this moment."""
    return session.scalars(_open_now(now).order_by(col(EmergencyAccess.id))).all()


def to_review(session: Session, now: datetime) -> int:
    """How many are over, and not yet looked at by two."""
    rows = session.scalars(select(EmergencyAccess).where(_LOOKED < REVIEWS))
    return sum(is_over(session, row, now) for row in rows)


def unreviewed(person: Any) -> ColumnElement[bool]:
    """Whether an access of this person (a column or an id) is open or awaits a review."""
    return exists().where(col(EmergencyAccess.person_id) == person, _LOOKED < REVIEWS)


def check_reviewed(session: Session, person_id: UUID) -> None:
    """Before an account closes, and its reasons go with its key. Raises Problem
    closing-emergency-unreviewed."""
    if session.scalar(select(unreviewed(person_id))):
        raise Problem("closing-emergency-unreviewed")


def shown_to(person_id: UUID, roles: frozenset[Role]) -> Select[EmergencyAccess]:
    """All of them to those who review; to an operator their own."""
    query = select(EmergencyAccess)
    if REVIEWERS.isdisjoint(roles):
        query = query.where(col(EmergencyAccess.person_id) == person_id)
    return query


def acts_of(session: Session, access_id: UUID) -> Sequence[EmergencyAct]:
    query = select(EmergencyAct).where(col(EmergencyAct.emergency_id) == access_id)
    return session.scalars(query.order_by(col(EmergencyAct.id))).all()


def reviews_of(session: Session, access_id: UUID) -> Sequence[EmergencyReview]:
    query = select(EmergencyReview).where(col(EmergencyReview.emergency_id) == access_id)
    return session.scalars(query.order_by(col(EmergencyReview.id))).all()


def reason_of(session: Session, access: EmergencyAccess, actor: Actor) -> str:
    """Through gate and log."""
    place, sealed = _reason_at(access.id), access.reason_sealed
    return open_sealed(session, access.person_id, place, sealed, purpose=PURPOSE, actor=actor)


def text_of(session: Session, row: EmergencyReview, actor: Actor) -> str:
    place, sealed = _review_at(row.id), row.text_sealed
    return open_sealed(session, row.person_id, place, sealed, purpose=PURPOSE, actor=actor)


def rests_until(session: Session, person_id: UUID, now: datetime) -> datetime | None:
    """Until when this person opens none again; None where they may now."""
    query = select(EmergencyAccess).where(col(EmergencyAccess.person_id) == person_id)
    last = session.scalars(query.order_by(col(EmergencyAccess.until).desc()).limit(1)).first()
    if last is None:
        return None
    ended = end_of(session, last)
    again = (ended.at if ended else last.until) + REST
    return again if now < again else None


def _check_rested(session: Session, person_id: UUID, now: datetime) -> None:
    if again := rests_until(session, person_id, now):
        raise Problem("emergency-so-soon", hours=ceil((again - now) / HOUR))


def _open_now(now: datetime) -> Select[EmergencyAccess]:
    ended = exists().where(col(EmergencyEnd.emergency_id) == col(EmergencyAccess.id))
    return select(EmergencyAccess).where(~ended, col(EmergencyAccess.until) > now)


def _locked(session: Session, access_id: UUID) -> EmergencyAccess:
    """Whoever opened it is held: the access itself is never written again."""
    found = session.get(EmergencyAccess, access_id)
    if found is None:
        raise NotFound
    session.get_one(Person, found.person_id, with_for_update=True)
    return found


def reader(person_id: UUID, roles: frozenset[Role]) -> Actor:
    """As what somebody of the staff reads who holds several roles: an officer first."""
    held = sorted(STAFF & roles, key=lambda role: (role is not Role.OFFICER, role.value))
    return Actor(person_id, held[0].value)


def _reason_at(row_id: UUID) -> Ref:
    return Ref(_TABLE, "reason_sealed", row_id)


def _review_at(row_id: UUID) -> Ref:
    return Ref("emergency_review", "text_sealed", row_id)
