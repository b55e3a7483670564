"""Stations: enrolled by an administrator's passkey, listed, ended at once. None commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.errors import NotFound
from app.identity.models import SignInSession
from app.identity.stations import letters
from app.identity.stations import problems as station_problems
from app.identity.stations.models import Station, StationStatement
from app.identity.stations.shift_rules import awake
from app.identity.tokens import new_token, token_hash

__all__ = ["station_problems"]

TOKEN_LASTS = timedelta(days=365)  # of the cookie; the row decides


@dataclass(frozen=True)
class Seen:
    """`open_by`: whoever has a shift open there now; `statements`: how many were made there."""

    station: Station
    open_by: UUID | None
    statements: int


def enrol(
    session: Session, organisation_id: UUID, *, name: str, by: UUID, now: datetime
) -> tuple[Station, str]:
    """The station and its token, which is known to nobody else; its administrators are told."""
    token = new_token()
    station = Station(
        organisation_id=organisation_id,
        name=name,
        token_hash=token_hash(token),
        enrolled_by=by,
        enrolled_at=now,
    )
    session.add(station)
    session.flush()
    letters.tell_enrolled(session, station, now)
    return station, token


def station_of(session: Session, token: str | None) -> Station | None:
    """Whose token this is, unless it was ended."""
    query = select(Station).where(
        col(Station.token_hash) == token_hash(token or ""), col(Station.ended_at).is_(None)
    )
    return session.scalar(query)


def stations_at(session: Session, organisation_id: UUID, now: datetime) -> list[Seen]:
    """The live ones, newest first."""
    live = select(Station).where(
        col(Station.organisation_id) == organisation_id, col(Station.ended_at).is_(None)
    )
    found = session.scalars(live.order_by(col(Station.id).desc())).all()
    shifts = select(col(SignInSession.station_id), col(SignInSession.person_id)).where(
        col(SignInSession.station_id).in_([one.id for one in found]), *_open(now)
    )
    open_by = {row.station_id: row.person_id for row in session.execute(shifts)}
    counts = (
        select(col(StationStatement.station_id), func.count().label("made"))
        .where(col(StationStatement.station_id).in_([one.id for one in found]))
        .group_by(col(StationStatement.station_id))
    )
    made = {row.station_id: row.made for row in session.execute(counts)}
    return [Seen(one, open_by.get(one.id), made.get(one.id, 0)) for one in found]


def end_station(
    session: Session, station_id: UUID, organisation_id: UUID, *, by: UUID, now: datetime
) -> None:
    """Its token is worth nothing any more, and the shift that is open there ends with it.

    Twice changes nothing. Raises NotFound.
    """
    row = locked(session, station_id)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound
    if row.ended_at is None:
        row.ended_at, row.ended_by = now, by
        journal.note(session, journal.STATION_ENDED, now, station=row.id, by=by)
        end_shift(session, station_id, now)
        session.flush()


def end_shift(session: Session, station_id: UUID, now: datetime) -> None:
    """Whatever shift is open there."""
    theirs = update(SignInSession).where(
        col(SignInSession.station_id) == station_id, col(SignInSession.ended_at).is_(None)
    )
    session.execute(theirs.values(ended_at=now))


def locked(session: Session, station_id: UUID) -> Station | None:
    """Until the transaction ends, nobody else tries or ends it."""
    return session.get(Station, station_id, with_for_update=True, populate_existing=True)


def statements_at(
    session: Session, station_id: UUID, organisation_id: UUID, limit: int = 100
) -> list[StationStatement]:
    """What was said there, newest first. Raises NotFound."""
    row = session.get(Station, station_id)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound
    said = select(StationStatement).where(col(StationStatement.station_id) == station_id)
    return list(session.scalars(said.order_by(col(StationStatement.id).desc()).limit(limit)))


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(SignInSession.ended_at).is_(None),
        col(SignInSession.expires_at) > now,
        awake(now),
    )
