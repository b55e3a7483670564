"""The officer's page of devices: a second person's yes, their ceilings, and their end."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from app.actions import devices
from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Role
from app.security import principal, requires
from app.web.office.organisations import typed_ceilings
from app.web.office.overview import blueprint
from app.web.shell import page, to
from app.web.telling import device_view
from app.web.telling.change_view import told


@blueprint.get("/office/devices")
@requires(Role.OFFICER)
def device_list() -> Response:
    return _devices()


def _devices(problem: Problem | None = None) -> Response:
    rows = devices.devices_of(db_session())
    shown = device_view.shown(db_session(), rows, now())
    for row in shown:
        row["changes"] = told(db_session(), row["id"], principal().person_id)
    return page("office/devices.html", problem=problem, devices=shown)


@blueprint.post("/office/devices/<uuid:device_id>/confirmation")
@requires(Role.OFFICER)
@idempotent
def confirm_device(device_id: UUID) -> Response:
    try:
        devices.confirm_device(db_session(), device_id, by=principal().person_id, now=now())
    except Problem as problem:
        db_session().rollback()
        return _devices(problem)
    return to("office.device_list")


@blueprint.post("/office/devices/<uuid:device_id>/ceiling")
@requires(Role.OFFICER)
@idempotent
def set_device_ceiling(device_id: UUID) -> Response:
    try:
        devices.set_ceilings(
            db_session(),
            devices.locked(db_session(), device_id),
            **typed_ceilings(),
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return _devices(problem)
    return to("office.device_list")


@blueprint.post("/office/devices/<uuid:device_id>/revocation")
@requires(Role.OFFICER)
@idempotent
def revoke_device(device_id: UUID) -> Response:
    device, for_cause = devices.locked(db_session(), device_id), request.form.get("for_cause")
    by, at = principal().person_id, now()
    devices.revoke_device(db_session(), device, for_cause=for_cause == "yes", by=by, now=at)
    return to("office.device_list")
