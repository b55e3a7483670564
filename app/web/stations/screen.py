"""Stations: what an administrator sees of them, and the screen at which a shift is opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, request

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import service as identity
from app.identity.api.stations import administered
from app.identity.models import Organisation, Role
from app.identity.stations import badges, shifts
from app.identity.stations import service as stations
from app.identity.stations.models import Station
from app.identity.stations.models import StationStatementKind as Kind
from app.identity.stations.schemas import NewStation
from app.identity.stations.service import Seen
from app.identity.stations.shift_rules import SHIFT
from app.limits import limited
from app.security import maybe_principal, principal, public, requires, requires_step_up
from app.session_cookie import sign_in_browser, sign_out_browser
from app.web import formats, forms
from app.web.shell import own_page, page, to
from app.web.stations.cookie import be_none, become, this_station
from app.web.telling import people_view
from app.web.words import lazy_gettext as _l

blueprint = Blueprint("stations", __name__)
SAID = {
    Kind.ATTESTATION: _l("a deed vouched for"),
    Kind.PAYMENT_REQUEST: _l("a payment asked for"),
    Kind.CARD_CHARGE: _l("a card charged"),
    Kind.REFUND: _l("money given back"),
}


@blueprint.get("/stations")
@requires(Role.ATTESTER_ADMIN, Role.MERCHANT)
def home() -> Response:
    return _home(None)


def _home(problem: Problem | None) -> Response:
    session, body, at = db_session(), administered(), now()
    found = stations.stations_at(session, body, at)
    rows = badges.badges_at(session, body)
    people = {one.open_by for one in found if one.open_by} | {row.person_id for row in rows}
    whose = _addresses(people)
    return page(
        "station/list.html",
        problem=problem,
        organisation=session.get_one(Organisation, body),
        stations=[_shown(one, whose, at) for one in found],
        badges=[
            SimpleNamespace(
                id=row.id,
                whose=whose[row.person_id],
                number=row.number,
                locked=row.wrong_tries >= badges.PIN_TRIES,
            )
            for row in rows
        ],
        form=request.form,
        administrator=Role.ATTESTER_ADMIN,
    )


def _addresses(people: set[UUID]) -> dict[UUID, str]:
    """Of the organisation's own people; reading one is recorded, though pages are asked by GET."""
    reader = Role.ATTESTER_ADMIN if principal().has(Role.ATTESTER_ADMIN) else Role.MERCHANT
    whose = {one: people_view.address(one, reader) for one in people}
    db_session().commit()
    return whose


@blueprint.get("/stations/<uuid:station_id>/statements")
@requires(Role.ATTESTER_ADMIN, Role.MERCHANT)
def statements(station_id: UUID) -> Response:
    """The last hundred that were made there, and by whom."""
    rows = stations.statements_at(db_session(), station_id, administered())
    whose = _addresses({row.person_id for row in rows})
    return page(
        "station/statements.html",
        station=db_session().get_one(Station, station_id),
        statements=[
            SimpleNamespace(
                what=str(SAID[row.kind]),
                reference=row.reference[:8],
                whose=whose[row.person_id],
                when=formats.moment(row.at),
            )
            for row in rows
        ],
        administrator=Role.ATTESTER_ADMIN,
    )


def _shown(one: Seen, whose: Mapping[UUID, str], at: datetime) -> SimpleNamespace:
    return SimpleNamespace(
        id=one.station.id,
        name=one.station.name,
        since=formats.moment(one.station.enrolled_at),
        open_by=whose[one.open_by] if one.open_by else None,
        statements=one.statements,
        paused=bool(one.station.paused_until and at < one.station.paused_until),
    )


@blueprint.post("/stations")
@requires(Role.ATTESTER_ADMIN, Role.MERCHANT)
@requires_step_up
@idempotent
def enrol() -> Response:
    """This very browser; its administrator is signed out here, since others will use it."""
    session, person, at = db_session(), principal(), now()
    try:
        named = forms.load(NewStation, forms.given("name"))
        _, token = stations.enrol(
            session, administered(), name=named["name"], by=person.person_id, now=at
        )
    except Problem as problem:
        session.rollback()
        return _home(problem)
    identity.end_session(session, person.session_id, at)
    return become(sign_out_browser(to("stations.screen")), token)


@blueprint.post("/stations/<uuid:station_id>/end")
@requires(Role.ATTESTER_ADMIN, Role.MERCHANT)
@idempotent
def end(station_id: UUID) -> Response:
    by = principal().person_id
    stations.end_station(db_session(), station_id, administered(), by=by, now=now())
    return to("stations.home")


@blueprint.post("/stations/badges/<uuid:badge_id>/end")
@requires(Role.ATTESTER_ADMIN, Role.MERCHANT)
@idempotent
def end_badge(badge_id: UUID) -> Response:
    badges.end_badge(db_session(), badge_id, now(), organisation_id=administered())
    return to("stations.home")


@blueprint.get("/station")
@public
def screen() -> Response:
    """Whoever has a shift open is where they work; the others open one here."""
    person = maybe_principal()
    work = own_page() if person and person.station_id else None
    return make_response(redirect(work.url, 303)) if work else _screen(None)


def _screen(problem: Problem | None) -> Response:
    station = this_station()
    body = db_session().get(Organisation, station.organisation_id) if station else None
    shown = page("station/screen.html", problem=problem, station=station, organisation=body)
    return shown if station else be_none(shown)


@blueprint.post("/station")
@public
@limited("shift", quota=60, window=600)
def open_shift() -> Response:
    """Whatever session this browser had ends with its cookie."""
    session, before = db_session(), maybe_principal()
    station = this_station()
    if station is None:
        return _screen(Problem("station-unknown"))
    typed = shifts.Typed(*(request.form.get(name, "") for name in ("badge", "number", "pin")))
    try:
        token = shifts.open_shift(session, station.id, typed, now())
    except Problem as problem:
        session.commit() if problem.keep else session.rollback()  # a wrong PIN uses up a try
        return _screen(problem)
    if before is not None:
        identity.end_session(session, before.session_id, now())
    return sign_in_browser(to("stations.screen"), token, SHIFT)
