"""Devices: entered by their organisation's administrator, confirmed by an officer of the city.

From the confirmation on the chain knows the device's key. Validity is judged at receipt, except
that a device without network may be 72 hours late: what it signed while its key was valid still
counts then, unless the key was revoked for cause.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import changes, journal
from app.actions import device_problems
from app.actions.device_models import Device
from app.actions.keys import check_organisation, scope_hash
from app.actions.models import AttesterKey, ProofLevel
from app.actions.registered_before import registered_before
from app.errors import NotFound, Problem
from app.identity.models import KeyCustody, Organisation
from app.identity.own import check_not_own
from app.impact.catalogue import Catalogue, UnknownActionTypeError
from app.outbox.service import enqueue

__all__ = ["device_problems"]

LATE = timedelta(hours=72)
LASTS = timedelta(days=2 * 365)
MOST_YEARS = 5
CHAIN_KIND = 2  # IAttesters.Kind.Device


@dataclass(frozen=True)
class NewDevice:
    """What an administrator says of a device; dates may be left out."""

    name: str
    key_address: str
    action_types: Iterable[str]
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    custody: KeyCustody = KeyCustody.DEVICE


def enter_device(
    session: Session,
    new: NewDevice,
    *,
    organisation: Organisation,
    catalogue: Catalogue,
    by: UUID,
    now: datetime,
) -> Device:
    """A device that waits for an officer. Raises Problem."""
    check_organisation(organisation)
    types = check_measured(catalogue, new.action_types)
    _check_key_fresh(session, new.key_address)
    since, until = _span(new, now)
    device = Device(
        organisation_id=organisation.id,
        name=new.name,
        key_address=new.key_address,
        custody=new.custody,
        scope=types,
        scope_hash=scope_hash(types),
        valid_from=since,
        valid_until=until,
        entered_by=by,
        entered_at=now,
    )
    session.add(device)
    session.flush()
    return device


def confirm_device(session: Session, device_id: UUID, *, by: UUID, now: datetime) -> Device:
    """A second person's yes: the chain registers the key, valid from now at the earliest."""
    device = locked(session, device_id)
    if device.confirmed_at is not None:
        raise Problem("device-confirmed")
    if device.entered_by == by:
        raise Problem("device-second-person")
    check_not_own(session, device.organisation_id, by)
    if device.revoked_at is not None or device.valid_until <= now:
        raise Problem("device-ended")
    device.confirmed_by, device.confirmed_at = by, now
    device.valid_from = max(device.valid_from, now.replace(microsecond=0))
    key, scope = device.key_address, device.scope_hash
    if (said := registered_before(session, key, CHAIN_KIND, scope)) is not None:
        device.valid_from, device.valid_until = said
    session.flush()
    enqueue(
        session,
        kind="register_attester",
        key=device.key_address,
        payload={
            "key": device.key_address,
            "kind": CHAIN_KIND,
            "scope_hash": device.scope_hash,
            "valid_from": int(device.valid_from.timestamp()),
            "valid_until": int(device.valid_until.timestamp()),
        },
        now=now,
    )
    return device


def revoke_device(
    session: Session, device: Device, *, for_cause: bool, by: UUID, now: datetime
) -> Device:
    """Ends the key. For cause (lost, misused): late statements end with it.

    Revoking again for cause tightens; the chain keeps what it was told first.
    """
    cause = {"for_cause": "yes"} if for_cause else {}
    journal.note(session, journal.DEVICE_REVOKED, now, device=device.id, by=by, **cause)
    if device.revoked_at is None:
        device.revoked_at, device.revoked_by = now, by
        device.revoked_for_cause = for_cause
        if device.confirmed_at is not None:
            payload = {"key": device.key_address, "for_cause": for_cause}
            enqueue(
                session, kind="revoke_attester", key=device.key_address, payload=payload, now=now
            )
    elif for_cause:
        device.revoked_for_cause = True
    session.flush()
    return device


def set_ceilings(
    session: Session, device: Device, *, by: UUID, now: datetime, **ceilings: int
) -> None:
    """What it may bring a day before the rest waits; never set by who works for its owner.

    `ceilings`: actions_per_day, reward_cents_per_day.
    """
    check_not_own(session, device.organisation_id, by)
    changes.set_ceilings(session, device, ceilings, by=by, now=now)


def locked(session: Session, device_id: UUID, organisation_id: UUID | None = None) -> Device:
    """The device under a row lock. Raises NotFound for another organisation's."""
    device = session.get(Device, device_id, with_for_update=True, populate_existing=True)
    if device is None or organisation_id not in (None, device.organisation_id):
        raise NotFound
    return device


def devices_of(session: Session, organisation_id: UUID | None = None) -> list[Device]:
    """An organisation's devices, or everybody's; newest first."""
    query = select(Device).order_by(col(Device.id).desc())
    if organisation_id is not None:
        query = query.where(col(Device.organisation_id) == organisation_id)
    return list(session.scalars(query))


def state_of(device: Device, now: datetime) -> str:
    """waiting → coming → active → ended, or revoked."""
    if device.revoked_at is not None:
        return "revoked"
    if device.valid_until <= now:
        return "ended"
    if device.confirmed_at is None:
        return "waiting"
    return "coming" if now < device.valid_from else "active"


def check_key(device: Device, deed_at: datetime, now: datetime) -> None:
    """Whether what the device signed at `deed_at` may still be received. Raises Problem."""
    if device.confirmed_at is None:
        raise Problem("device-not-confirmed")
    if now < device.valid_from or deed_at < device.valid_from:
        raise Problem("key-not-valid", field="signature")
    ends = min(device.valid_until, device.revoked_at or device.valid_until)
    if device.revoked_for_cause or deed_at >= ends:
        raise Problem("key-not-valid", field="signature")
    if now - deed_at > LATE:
        hours = int(LATE.total_seconds()) // 3600
        raise Problem("statement-too-late", field="statement.deed_at", hours=hours)


def check_measured(catalogue: Catalogue, named: Iterable[str]) -> list[str]:
    """Types that are all known and may be measured, each once."""
    types, level = sorted(set(named)), ProofLevel.MEASURED.value
    if not types:
        raise Problem("device-without-types", field="action_types")
    for given in types:
        try:
            entry = catalogue.action_type(given)
        except UnknownActionTypeError:
            raise Problem("action-type-unknown", field="action_types", given=given) from None
        if level not in entry.proof_levels:
            raise Problem(
                "proof-level-not-accepted", field="action_types", given=given, level=level
            )
    return types


def _span(new: NewDevice, now: datetime) -> tuple[datetime, datetime]:
    """From when until when, in whole seconds as on the chain. Raises Problem device-span."""
    longest = timedelta(days=MOST_YEARS * 366)
    since = (new.valid_from or now).replace(microsecond=0)
    if since > now + longest:
        raise Problem("device-span", field="valid_from", years=MOST_YEARS)
    until = (new.valid_until or since + LASTS).replace(microsecond=0)
    if not (since < until and now < until and until - since <= longest):
        raise Problem("device-span", field="valid_until", years=MOST_YEARS)
    return since, until


def _check_key_fresh(session: Session, address: str) -> None:
    """The chain registers a key once, whoever holds it; a clerk's is not a device's."""
    theirs = or_(
        col(Organisation.key_address) == address, col(Organisation.next_key_address) == address
    )
    organisations = select(col(Organisation.id)).where(theirs)
    clerks = select(col(AttesterKey.person_id)).where(col(AttesterKey.address) == address)
    if session.scalar(select(or_(organisations.exists(), clerks.exists()))):
        raise Problem("key-known", field="key_address")
