"""Devices: entered by their administrator, confirmed by an officer; and what they send."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.actions import device_tokens, devices
from app.actions.api.attestations import domain
from app.actions.api.blueprint import blueprint
from app.actions.api.device_access import by_device, device
from app.actions.api.device_schemas import (
    DeviceCeilings,
    DeviceList,
    DeviceOut,
    DeviceTokenOut,
    NewDeviceIn,
    NewMeasurement,
    OwnDeviceOut,
)
from app.actions.api.schemas import EnteredOut, Revocation
from app.actions.api.view import entered
from app.actions.attestation import Signed
from app.actions.devices import NewDevice
from app.actions.measurement import Sent, Shown
from app.actions.models import Device
from app.chain import typed
from app.context import db_session, now, services
from app.idempotency import idempotent
from app.identity.models import Organisation, Role
from app.impact.catalogue import catalogue
from app.openapi import answers, body
from app.rewards.valuing.device_deeds import measure, programmes_for, use_today
from app.security import principal, requires

_EMPTY = typed.Attestation(bytes(32), "0x" + "0" * 40, bytes(32), 0, 0, 0, 0, bytes(32))


def _administered(device_id: UUID) -> Device:
    return devices.locked(db_session(), device_id, principal().organisation(Role.ATTESTER_ADMIN))


def _shown(*rows: Device) -> list[dict[str, Any]]:
    at = now()
    used = use_today(db_session(), rows, at)
    return [
        {**row.model_dump(), "state": devices.state_of(row, at), "today": used[row.id]}
        for row in rows
    ]


@blueprint.post("/devices")
@requires(Role.ATTESTER_ADMIN)
@idempotent
@body(NewDeviceIn)
@answers(DeviceOut, status=201)
def enter_device(body: dict[str, Any]) -> dict[str, Any]:
    """Enters a device of the administrator's organisation; an officer confirms it."""
    organisation = db_session().get_one(Organisation, principal().organisation(Role.ATTESTER_ADMIN))
    made = devices.enter_device(
        db_session(),
        NewDevice(**body),
        organisation=organisation,
        catalogue=catalogue(),
        by=principal().person_id,
        now=now(),
    )
    return _shown(made)[0]


@blueprint.get("/devices")
@requires(Role.ATTESTER_ADMIN, Role.OFFICER)
@answers(DeviceList)
def list_devices() -> dict[str, Any]:
    """The organisation's devices, or everybody's for an officer: state, ceiling, today's use."""
    everybody = principal().has(Role.OFFICER)
    of = None if everybody else principal().organisation(Role.ATTESTER_ADMIN)
    return {"items": _shown(*devices.devices_of(db_session(), of))}


@blueprint.post("/devices/<uuid:device_id>/confirmation")
@requires(Role.OFFICER)
@idempotent
@answers(DeviceOut)
def confirm_device(device_id: UUID) -> dict[str, Any]:
    """An officer's yes: the chain registers the key. Not by who entered the device."""
    by, at = principal().person_id, now()
    return _shown(devices.confirm_device(db_session(), device_id, by=by, now=at))[0]


@blueprint.put("/devices/<uuid:device_id>/ceilings")
@requires(Role.OFFICER)
@idempotent
@body(DeviceCeilings)
@answers(DeviceOut)
def set_device_ceilings(device_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Changes how many actions and tokens a device may bring a day; what exceeds it waits."""
    found = devices.locked(db_session(), device_id)
    devices.set_ceilings(db_session(), found, by=principal().person_id, now=now(), **body)
    return _shown(found)[0]


@blueprint.post("/devices/<uuid:device_id>/revocation")
@requires(Role.ATTESTER_ADMIN, Role.OFFICER)
@idempotent
@body(Revocation)
@answers(DeviceOut)
def revoke_device(device_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Ends a device's key. Not for cause: what it signed before may still come, 72 hours late."""
    asks, at = principal(), now()
    found = (
        devices.locked(db_session(), device_id)
        if asks.has(Role.OFFICER)
        else _administered(device_id)
    )
    devices.revoke_device(db_session(), found, by=asks.person_id, now=at, **body)
    return _shown(found)[0]


@blueprint.post("/devices/<uuid:device_id>/token")
@requires(Role.ATTESTER_ADMIN)
@idempotent
@answers(DeviceTokenOut, status=201)
def issue_device_token(device_id: UUID) -> dict[str, str]:
    """A new token for the device, shown this once; the one before ends at once."""
    found = _administered(device_id)
    return {
        "token": device_tokens.issue_token(db_session(), found, by=principal().person_id, now=now())
    }


@blueprint.post("/devices/<uuid:device_id>/token/revocation")
@requires(Role.ATTESTER_ADMIN)
@idempotent
@answers(None, status=204)
def revoke_device_token(device_id: UUID) -> None:
    """Ends the device's token at once; its key stays as it is."""
    device_tokens.revoke_token(db_session(), _administered(device_id), now())


@blueprint.get("/devices/own")
@by_device
@answers(OwnDeviceOut)
def own_device() -> dict[str, Any]:
    """What the device is, and all that it needs to sign statements without network."""
    at = now()
    return {**_shown(device())[0], **_for_signing(at)}


def _for_signing(at: datetime) -> dict[str, Any]:
    return {
        "now": at,
        "late_seconds": int(devices.LATE.total_seconds()),
        "types": [catalogue().action_type(slug) for slug in device().scope],
        "programmes": programmes_for(db_session(), device(), at),
        "typed_data": typed.typed_data(domain(), _EMPTY),
    }


@blueprint.post("/devices/own/measurements")
@by_device
@idempotent
@body(NewMeasurement)
@answers(EnteredOut, status=201)
def send_measurement(body: dict[str, Any]) -> dict[str, Any]:
    """Records a deed on the device's signed statement, now or up to 72 hours late.

    The device signs the typed data of GET /devices/own with its own key, the message filled in:
    `attester` is the key's address, `deedAt` the Unix second at which the citizen showed their
    number and code, `subject` is keccak256 of 32 random bytes (`salt`) followed by the digits of
    number and code in ASCII. The salt hides them in the kept statement and is not kept itself.
    """
    signed = Signed(typed.Attestation(**body["statement"]), body["signature"])
    shown = Shown(body["short_number"], body["time_code"], body["salt"])
    action = measure(
        db_session(),
        Sent(signed, shown, body["confirmed_unusual"]),
        device=device(),
        domain=domain(),
        wallets=services().signer,
        now=now(),
    )
    return entered(action)
