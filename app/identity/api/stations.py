"""Stations for programs: enrolled, listed, ended; a shift opened there; one's own badge."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.context import db_session, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.api.blueprint import blueprint
from app.identity.models import Role
from app.identity.schemas import TokenOut
from app.identity.sign_in import find_session
from app.identity.stations import badges, shifts
from app.identity.stations import service as stations
from app.identity.stations.models import Badge
from app.identity.stations.schemas import (
    BadgeList,
    BadgePage,
    EnrolledStation,
    MadeBadge,
    NewBadge,
    NewShift,
    NewStation,
    StationList,
    StationStatementList,
)
from app.limits import limited
from app.openapi import answers, body, query
from app.paging import PageQuery, page
from app.security import principal, public, requires, requires_step_up

_NO_STORE = {"Cache-Control": "no-store"}


def administered() -> UUID:
    """The body whose stations the caller administers: with a passkey, and in no shift.

    Raises Problem shift-only, passkey-needed, not-allowed.
    """
    person = principal()
    if person.station_id is not None:
        raise Problem("shift-only")
    if Role.ATTESTER_ADMIN in person.roles:
        return person.organisation(Role.ATTESTER_ADMIN)
    if not (person.by_passkey or services().settings.demo):
        raise Problem("passkey-needed")
    return person.organisation(Role.MERCHANT)


@blueprint.get("/stations")
@requires(Role.ATTESTER_ADMIN, Role.MERCHANT)
@answers(StationList)
def list_stations() -> dict[str, Any]:
    """The stations of your organisation, and whose shift is open there."""
    found = stations.stations_at(db_session(), administered(), now())
    return {
        "items": [
            one.station.model_dump() | {"open_by": one.open_by, "statements": one.statements}
            for one in found
        ]
    }


@blueprint.post("/stations")
@requires(Role.ATTESTER_ADMIN, Role.MERCHANT)
@requires_step_up
@idempotent
@body(NewStation)
@answers(EnrolledStation, status=201)
def enrol(body: dict[str, Any]) -> dict[str, Any]:
    """Enrols a station. Its token is shown once; by itself it opens nothing."""
    row, token = stations.enrol(
        db_session(), administered(), name=body["name"], by=principal().person_id, now=now()
    )
    return row.model_dump() | {"token": token}


@blueprint.post("/stations/<uuid:station_id>/end")
@requires(Role.ATTESTER_ADMIN, Role.MERCHANT)
@idempotent
@answers(None, status=204)
def end_station(station_id: UUID) -> None:
    """Ends it at once, and the shift that is open there."""
    by = principal().person_id
    stations.end_station(db_session(), station_id, administered(), by=by, now=now())


@blueprint.get("/stations/<uuid:station_id>/statements")
@requires(Role.ATTESTER_ADMIN, Role.MERCHANT)
@answers(StationStatementList)
def list_statements(station_id: UUID) -> dict[str, Any]:
    """The last hundred statements that were made there, and by whom."""
    return {"items": stations.statements_at(db_session(), station_id, administered())}


@blueprint.post("/shifts")
@public
@limited("shift", quota=60, window=600)
@body(NewShift)
@answers(TokenOut)
def open_shift(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Opens a shift at a station, by badge or by number and PIN; the one before ends.

    The token is worth the counter or till alone, until ten minutes pass without a request.
    `POST /sign-out` closes it.
    """
    session = db_session()
    station = stations.station_of(session, body.pop("station_token"))
    if station is None:
        raise Problem("station-unknown")
    token = shifts.open_shift(session, station.id, shifts.Typed(**body), now())
    live = find_session(session, token, now())
    if live is None:
        raise Problem("sign-in-needed")
    found = {"token": token, "person_id": live.person_id, "expires_at": live.expires_at}
    return found, _NO_STORE


@blueprint.get("/me/badges")
@requires()
@answers(BadgeList)
def list_badges() -> dict[str, Any]:
    """Your badges, one for each place where you keep a counter or till."""
    rows = badges.badges_of_person(db_session(), principal().person_id)
    return {"items": [_shown(row) for row in rows]}


@blueprint.post("/me/badges")
@requires()
@requires_step_up
@idempotent
@body(NewBadge)
@answers(MadeBadge, status=201)
def make_badge(body: dict[str, Any]) -> dict[str, Any]:
    """A new badge and PIN in place of the earlier ones; the badge's number is shown once."""
    made = badges.make_badge(
        db_session(), principal().person_id, body["organisation_id"], body["pin"], now()
    )
    return _shown(made.row) | {"badge": made.badge}


@blueprint.post("/me/badges/<uuid:badge_id>/end")
@requires()
@idempotent
@answers(None, status=204)
def end_own_badge(badge_id: UUID) -> None:
    """It opens no shift any more, and the one that it opened ends."""
    badges.end_badge(db_session(), badge_id, now(), person_id=principal().person_id)


@blueprint.get("/stations/badges")
@requires(Role.ATTESTER_ADMIN, Role.MERCHANT)
@query(PageQuery)
@answers(BadgePage)
def list_their_badges(query: dict[str, Any]) -> dict[str, Any]:
    """The badges that open a shift at your organisation, newest first; never what is on them."""
    wanted = badges.live_at(administered())
    rows, cursor = page(db_session(), wanted, key=Badge.id, **query)
    return {"items": [_shown(row) for row in rows], "next_cursor": cursor}


@blueprint.post("/stations/badges/<uuid:badge_id>/end")
@requires(Role.ATTESTER_ADMIN, Role.MERCHANT)
@idempotent
@answers(None, status=204)
def end_badge(badge_id: UUID) -> None:
    """The same, for somebody of your organisation."""
    badges.end_badge(db_session(), badge_id, now(), organisation_id=administered())


def _shown(row: Badge) -> dict[str, Any]:
    return row.model_dump() | {"locked": row.wrong_tries >= badges.PIN_TRIES}
