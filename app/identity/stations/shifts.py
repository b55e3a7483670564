"""Shifts: somebody's session at a station, opened by badge, or by short number and PIN.

Tries at one station wait for each other, so that many at once are counted one by one. A wrong one
costs as much time as a right one and is answered alike, whatever was wrong. Callers commit, also
where a Problem says keep.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import telemetry
from app.db import uuid7
from app.errors import Problem
from app.identity.pins import new_salt
from app.identity.sign_in import open_session
from app.identity.stations import letters
from app.identity.stations.badges import PIN_TRIES, badge_hash, pin_hash, workplaces
from app.identity.stations.models import (
    Badge,
    Station,
    StationStatement,
    StationStatementKind,
)
from app.identity.stations.service import end_shift, locked
from app.identity.stations.shift_rules import SHIFT

STATION_TRIES = 10
PAUSE = timedelta(minutes=15)
log = telemetry.logger("shifts")


@dataclass(frozen=True)
class Typed:
    """`badge`: the number on it; or `number` and `pin`."""

    badge: str = ""
    number: str = ""
    pin: str = ""


class AtWork(Protocol):
    """Who is signed in (app.security.Principal)."""

    @property
    def person_id(self) -> UUID: ...
    @property
    def session_id(self) -> UUID: ...
    @property
    def station_id(self) -> UUID | None: ...


def open_shift(session: Session, station_id: UUID, typed: Typed, now: datetime) -> str:
    """The token of the shift; the one that was open there ends.

    Raises Problem station-unknown, and with keep station-paused, shift-refused.
    """
    station = locked(session, station_id)
    if station is None or station.ended_at is not None:
        raise Problem("station-unknown")
    if station.paused_until is not None and now < station.paused_until:
        raise Problem("station-paused", keep=True)
    badge = _shown(session, station, typed, now)
    if badge is None or station.organisation_id not in workplaces(session, badge.person_id, now):
        raise _wrong(session, station, now)
    station.wrong_tries, station.paused_until = 0, None
    end_shift(session, station.id, now)
    return open_session(session, badge.person_id, SHIFT, now, station_id=station.id)


def note_statement(
    session: Session, person: AtWork, kind: StationStatementKind, reference: str, now: datetime
) -> None:
    """Of a statement that was made in a shift: who, and where. Of others it is known by whom."""
    if person.station_id is None:
        return
    session.add(
        StationStatement(
            station_id=person.station_id,
            person_id=person.person_id,
            session_id=person.session_id,
            kind=kind,
            reference=reference,
            at=now,
        )
    )
    session.flush()


def _shown(session: Session, station: Station, typed: Typed, now: datetime) -> Badge | None:
    here = select(Badge).where(
        col(Badge.organisation_id) == station.organisation_id, col(Badge.ended_at).is_(None)
    )
    if typed.badge.strip():
        hashed = badge_hash(session, typed.badge)
        return session.scalar(here.where(col(Badge.badge_hash) == hashed).with_for_update())
    number = int(typed.number) if typed.number.isdecimal() and len(typed.number) <= 4 else 0
    badge = session.scalar(here.where(col(Badge.number) == number).with_for_update())
    if badge is None:
        pin_hash(session, uuid7(), typed.pin, new_salt())  # the same work
        return None
    return badge if _is_right(session, badge, station, typed.pin, now) else None


def _is_right(session: Session, badge: Badge, station: Station, pin: str, now: datetime) -> bool:
    given = pin_hash(session, badge.id, pin, badge.pin_salt)
    if badge.wrong_tries >= PIN_TRIES:
        return False
    if hmac.compare_digest(given, badge.pin_hash):
        badge.wrong_tries = 0
        return True
    badge.wrong_tries += 1
    if badge.wrong_tries == PIN_TRIES:
        letters.tell_locked(session, badge, station, now)
    return False


def _wrong(session: Session, station: Station, now: datetime) -> Problem:
    station.wrong_tries += 1
    if station.wrong_tries >= STATION_TRIES:
        station.wrong_tries, station.paused_until = 0, now + PAUSE
        letters.tell_paused(session, station, now)
    session.flush()
    log.warning("shift_refused", station_id=str(station.id))
    return Problem("shift-refused", keep=True)
