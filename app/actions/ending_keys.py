"""Keys that come near their end: whoever renews them is told in time, once an organisation.

An organisation's own key is named until its successor is registered, or it is revoked: without it
nothing that the organisation brings is taken. A device's or clerk's is counted until it ends.
Callers commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from app.actions.device_models import Device
from app.actions.models import AttesterKey
from app.actions.organisation_keys import RENEWED
from app.identity.models import Organisation, Role, RoleGrant
from app.identity.roles import in_force
from app.outbox.models import Incident
from app.outbox.service import incident_passed, report_incident

CODE = "keys_end_soon"
NEAR = timedelta(days=30)  # for devices' and clerks' keys


def watch(session: Session, now: datetime) -> int:
    """How many organisations have a key that ends soon; those that have none any more are over."""
    own = {row.id: row.key_valid_until for row in _organisations(session, now)}
    devices, clerks = _devices(session, now), _clerks(session, now)
    found = {*own, *devices, *clerks}
    for body in session.scalars(select(Organisation).where(col(Organisation.id).in_(found))):
        said = _said(own.get(body.id), devices[body.id], clerks[body.id])
        detail = f"{body.slug}: {said}"
        about = str(body.id)
        report_incident(session, code=CODE, detail=detail, now=now, reference=about).detail = detail
    for reported in _reported(session):
        if reported is not None and UUID(reported) not in found:
            incident_passed(session, code=CODE, now=now, reference=reported)
    return len(found)


def _said(until: datetime | None, devices: int, clerks: int) -> str:
    own = "" if until is None else f"the organisation's key ends at {until:%Y-%m-%d %H:%M} UTC"
    if not devices and not clerks:
        return own
    others = f"keys that end within {NEAR.days} days: devices {devices}, clerks {clerks}"
    return f"{own}; and {others}" if own else others


def _organisations(session: Session, now: datetime) -> Sequence[Organisation]:
    """With a registered key, not revoked, that ends soon or has ended."""
    query = select(Organisation).where(
        col(Organisation.key_valid_from).is_not(None),
        col(Organisation.key_revoked_at).is_(None),
        col(Organisation.key_valid_until) <= now + RENEWED,
    )
    return session.scalars(query).all()


def _devices(session: Session, now: datetime) -> Counter[UUID]:
    query = (
        select(col(Device.organisation_id), func.count())
        .where(
            col(Device.confirmed_at).is_not(None),
            col(Device.revoked_at).is_(None),
            col(Device.valid_until) > now,
            col(Device.valid_until) <= now + NEAR,
        )
        .group_by(col(Device.organisation_id))
    )
    return Counter({row[0]: row[1] for row in session.execute(query)})


def _clerks(session: Session, now: datetime) -> Counter[UUID]:
    """How many who still work there have no certified key that lasts longer."""
    query = (
        select(
            col(AttesterKey.organisation_id),
            func.count(col(AttesterKey.person_id).distinct()),
        )
        .join(Organisation, col(Organisation.id) == col(AttesterKey.organisation_id))
        .where(
            col(AttesterKey.certified_by_address) == col(Organisation.key_address),
            col(AttesterKey.revoked_at).is_(None),
            col(AttesterKey.valid_until) > now,
            col(AttesterKey.valid_until) <= now + NEAR,
            _works(now),
            ~_has_newer(now),
        )
        .group_by(col(AttesterKey.organisation_id))
    )
    return Counter({row[0]: row[1] for row in session.execute(query)})


def _works(now: datetime) -> ColumnElement[bool]:
    return exists().where(
        col(RoleGrant.person_id) == col(AttesterKey.person_id),
        col(RoleGrant.organisation_id) == col(AttesterKey.organisation_id),
        col(RoleGrant.role) == Role.ATTESTER,
        in_force(now),
    )


def _has_newer(now: datetime) -> ColumnElement[bool]:
    newer = aliased(AttesterKey)
    return exists().where(
        col(newer.person_id) == col(AttesterKey.person_id),
        col(newer.organisation_id) == col(AttesterKey.organisation_id),
        col(newer.certified_by_address) == col(AttesterKey.certified_by_address),
        col(newer.revoked_at).is_(None),
        col(newer.valid_until) > now + NEAR,
    )


def _reported(session: Session) -> Sequence[str | None]:
    query = select(col(Incident.reference)).where(
        col(Incident.code) == CODE, col(Incident.acknowledged_at).is_(None)
    )
    return session.scalars(query).all()
