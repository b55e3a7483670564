"""What lets a device in: shown once, and kept as a hash."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.actions.device_models import Device
from app.errors import Problem
from app.identity.tokens import token_hash

_TOKEN_PREFIX, _TOKEN_BYTES = "civis_device_", 32


def issue_token(session: Session, device: Device, *, by: UUID, now: datetime) -> str:
    """What lets the device in, shown once; the one before is worth nothing at once."""
    if device.revoked_at is not None or device.valid_until <= now:
        raise Problem("device-ended")
    revoke_token(session, device, now)
    token = _TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    device.token_hash = token_hash(token)
    device.token_issued_at, device.token_issued_by = now, by
    session.flush()
    return token


def revoke_token(session: Session, device: Device, now: datetime) -> None:
    if (issued := device.token_issued_at) is not None:
        journal.note(session, journal.DEVICE_TOKEN_ENDED, now, device=device.id, issued=issued)
    device.token_hash = device.token_issued_at = device.token_issued_by = None
    session.flush()


def device_of_token(session: Session, token: str) -> Device:
    """Raises Problem device-token-unknown."""
    query = select(Device).where(col(Device.token_hash) == token_hash(token))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise Problem("device-token-unknown", headers={"WWW-Authenticate": "Bearer"})
    return found
