"""Badges: made by the person for themself, shown once, ended by them or by an administrator.

Who administers never learns a badge's number or PIN: else they could sign as somebody else. None
of these commits.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.db import uuid7
from app.errors import NotFound, Problem
from app.identity.cards.numbers import in_groups, new_number, read_number
from app.identity.cards.service import check_pin
from app.identity.models import SignInSession
from app.identity.pins import new_salt, slow_hash
from app.identity.roles import roles_of
from app.identity.stations import problems as station_problems
from app.identity.stations.models import Badge, Station
from app.identity.stations.shift_rules import SHIFT_ROLES
from app.identity.tries import take_turns
from app.privacy.service import keyed_hash

__all__ = ["station_problems"]

PIN_TRIES = 5
_LOWEST, _HIGHEST = 100, 999


@dataclass(frozen=True)
class Made:
    """`badge`: the number on it, known to nobody else and shown once."""

    row: Badge
    badge: str


def make_badge(
    session: Session, person_id: UUID, organisation_id: UUID, pin: str, now: datetime
) -> Made:
    """A new badge and PIN in place of the earlier ones.

    Raises Problem badge-no-work, pin-wrong-form, pin-easy, badges-all-taken.
    """
    if organisation_id not in workplaces(session, person_id, now):
        raise Problem("badge-no-work", field="organisation_id")
    check_pin(pin, pin)
    take_turns(session, "badges", organisation_id.bytes)
    for before in _live(session, col(Badge.person_id) == person_id, organisation_id):
        before.ended_at = now
        journal.note(session, journal.BADGE_ENDED, now, badge=before.id)
        _end_shifts(session, before, now)
    session.flush()
    row_id, salt, badge = uuid7(), new_salt(), new_number()
    row = Badge(
        id=row_id,
        person_id=person_id,
        organisation_id=organisation_id,
        number=_free_number(session, organisation_id),
        badge_hash=badge_hash(session, badge),
        pin_salt=salt,
        pin_hash=pin_hash(session, row_id, pin, salt),
        made_at=now,
    )
    session.add(row)
    session.flush()
    return Made(row, in_groups(badge))


def workplaces(session: Session, person_id: UUID, now: datetime) -> list[UUID]:
    """Where the person keeps a counter or till today."""
    held = roles_of(session, person_id, now)
    found = {one for role in SHIFT_ROLES for one in held.get(role, ()) if one is not None}
    return sorted(found)


def badges_of_person(session: Session, person_id: UUID) -> list[Badge]:
    return _live(session, col(Badge.person_id) == person_id)


def badges_at(session: Session, organisation_id: UUID) -> list[Badge]:
    return list(session.scalars(live_at(organisation_id).order_by(col(Badge.number))))


def live_at(organisation_id: UUID) -> Select[Badge]:
    """Those that open a shift there, in no order."""
    there = col(Badge.organisation_id) == organisation_id
    return select(Badge).where(there, col(Badge.ended_at).is_(None))


def end_badge(
    session: Session,
    badge_id: UUID,
    now: datetime,
    *,
    person_id: UUID | None = None,
    organisation_id: UUID | None = None,
) -> None:
    """By its person, or for its organisation, and the shift with it; twice changes nothing.

    Raises NotFound.
    """
    row = session.get(Badge, badge_id, with_for_update=True)
    if row is None or (row.person_id != person_id and row.organisation_id != organisation_id):
        raise NotFound
    if row.ended_at is None:
        row.ended_at = now
        journal.note(session, journal.BADGE_ENDED, now, badge=row.id)
    _end_shifts(session, row, now)
    session.flush()


def _end_shifts(session: Session, badge: Badge, now: datetime) -> None:
    """A badge that went missing may have one open already."""
    there = select(col(Station.id)).where(col(Station.organisation_id) == badge.organisation_id)
    theirs = update(SignInSession).where(
        col(SignInSession.person_id) == badge.person_id,
        col(SignInSession.station_id).in_(there),
        col(SignInSession.ended_at).is_(None),
    )
    session.execute(theirs.values(ended_at=now))


def badge_hash(session: Session, typed: str) -> bytes:
    """Of the sixteen signs, however they were typed; of no badge for anything else."""
    return keyed_hash(session, "badge", read_number(typed) or typed)


def pin_hash(session: Session, badge_id: UUID, pin: str, salt: bytes) -> bytes:
    return slow_hash(keyed_hash(session, "badge-pin", badge_id.bytes, pin), salt)


def _free_number(session: Session, organisation_id: UUID) -> int:
    taken = {row.number for row in badges_at(session, organisation_id)}
    free: Sequence[int] = [one for one in range(_LOWEST, _HIGHEST + 1) if one not in taken]
    if not free:
        raise Problem("badges-all-taken")
    return secrets.choice(free)


def _live(
    session: Session, which: ColumnElement[bool], organisation_id: UUID | None = None
) -> list[Badge]:
    query = select(Badge).where(which, col(Badge.ended_at).is_(None))
    if organisation_id is not None:
        query = query.where(col(Badge.organisation_id) == organisation_id)
    return list(session.scalars(query.order_by(col(Badge.number))))
