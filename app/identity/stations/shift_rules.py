"""What a shift is worth: the counter and the till of one organisation, until ten idle minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_
from sqlmodel import col

from app.identity.models import Role, SignInSession

IDLE = timedelta(minutes=10)
SHIFT = "shift"  # the kind of session
SHIFT_ROLES = frozenset({Role.ATTESTER, Role.MERCHANT})  # none that needs a passkey


def awake(now: datetime) -> ColumnElement[bool]:
    """No shift that nobody used for ten minutes; the door asks the same."""
    return or_(
        col(SignInSession.station_id).is_(None), col(SignInSession.last_seen_at) > now - IDLE
    )
