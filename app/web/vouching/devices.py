"""The organisation's administrator: enters devices, hands out their tokens, ends them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, request

from app.actions import device_tokens, devices
from app.actions.devices import NewDevice
from app.actions.models import Device
from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Organisation, Role
from app.impact.catalogue import catalogue
from app.security import principal, requires
from app.web.parts import typed_address
from app.web.shell import page, to
from app.web.telling import device_view
from app.web.vouching.attest import blueprint

NAME_MOST = 100


def _organisation() -> Organisation:
    return db_session().get_one(Organisation, principal().organisation(Role.ATTESTER_ADMIN))


def _own(device_id: UUID) -> Device:
    return devices.locked(db_session(), device_id, _organisation().id)


@blueprint.get("/attest/devices")
@requires(Role.ATTESTER_ADMIN)
def device_list() -> Response:
    return _devices()


def _devices(
    problem: Problem | None = None, *, token: str | None = None, of: Device | None = None
) -> Response:
    organisation = _organisation()
    rows = devices.devices_of(db_session(), organisation.id)
    return page(
        "attest/devices.html",
        problem=problem,
        organisation=organisation,
        devices=device_view.shown(db_session(), rows, now()),
        types=device_view.measurable(),
        chosen=request.form.getlist("action_types"),
        form=request.form if problem else {},
        token=token,
        token_of=of.name if of else None,
    )


@blueprint.post("/attest/devices")
@requires(Role.ATTESTER_ADMIN)
@idempotent
def enter_device() -> Response:
    try:
        devices.enter_device(
            db_session(),
            _new(_organisation().time_zone),
            organisation=_organisation(),
            catalogue=catalogue(),
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return _devices(problem)
    return to("attest.device_list")


def _new(zone: str) -> NewDevice:
    form = request.form
    name = " ".join(form.get("name", "").split())
    if not 0 < len(name) <= NAME_MOST or not name.isprintable():
        raise Problem("device-name", field="name", most=NAME_MOST)
    return NewDevice(
        name=name,
        key_address=typed_address(form.get("key_address", "").strip()),
        action_types=form.getlist("action_types"),
        valid_from=_midnight("valid_from", zone),
        valid_until=_midnight("valid_until", zone, after=timedelta(days=1)),
    )


def _midnight(name: str, zone: str, after: timedelta = timedelta(0)) -> datetime | None:
    """The beginning of a day typed into the form, or of one so long after, where the
    organisation is."""
    text = request.form.get(name, "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + after
        return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError) as error:
        raise Problem("device-span", field=name, years=devices.MOST_YEARS) from error


@blueprint.post("/attest/devices/<uuid:device_id>/token")
@requires(Role.ATTESTER_ADMIN)
@idempotent
def issue_device_token(device_id: UUID) -> Response:
    """Answers with the page itself: the token is shown this once and stands in no address."""
    device = _own(device_id)
    try:
        token = device_tokens.issue_token(db_session(), device, by=principal().person_id, now=now())
    except Problem as problem:
        db_session().rollback()
        return _devices(problem)
    answer = _devices(token=token, of=device)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/attest/devices/<uuid:device_id>/token/revocation")
@requires(Role.ATTESTER_ADMIN)
@idempotent
def revoke_device_token(device_id: UUID) -> Response:
    device_tokens.revoke_token(db_session(), _own(device_id), now())
    return to("attest.device_list")


@blueprint.post("/attest/devices/<uuid:device_id>/revocation")
@requires(Role.ATTESTER_ADMIN)
@idempotent
def revoke_device(device_id: UUID) -> Response:
    for_cause = request.form.get("for_cause") == "yes"
    by, at = principal().person_id, now()
    devices.revoke_device(db_session(), _own(device_id), for_cause=for_cause, by=by, now=at)
    return to("attest.device_list")
