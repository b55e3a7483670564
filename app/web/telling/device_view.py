"""Devices as both pages show them: state, what they may, their ceiling and today's use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.actions.devices import state_of
from app.actions.models import Device, ProofLevel
from app.identity.models import KeyCustody, Organisation
from app.impact.catalogue import catalogue
from app.rewards.valuing.device_deeds import Use, use_today
from app.web import formats
from app.web.telling import people_view
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l
from app.web.words import locale

STATES = {
    "waiting": ("wait", _l("waits for an officer's confirmation")),
    "coming": ("wait", _l("confirmed, not valid yet")),
    "active": ("good", _l("active")),
    "ended": ("bad", _l("its right has ended")),
    "revoked": ("bad", _l("revoked")),
}
CUSTODY = {
    KeyCustody.DEVICE: _l("made and kept by the device"),
    KeyCustody.BROWSER: _l("kept by its administrator"),
    KeyCustody.SERVER: _l("held by this system, counted apart"),
}


def shown(session: Session, devices: Sequence[Device], at: datetime) -> list[dict[str, Any]]:
    used = use_today(session, devices, at)
    return [
        _one(row, session.get_one(Organisation, row.organisation_id), used[row.id], at)
        for row in devices
    ]


def measurable() -> list[tuple[str, str]]:
    """Action types that a device may be entered for."""
    return [
        (kind.id, kind.name[locale()])
        for kind in catalogue().action_types()
        if ProofLevel.MEASURED.value in kind.proof_levels
    ]


def _one(device: Device, organisation: Organisation, use: Use, at: datetime) -> dict[str, Any]:
    state = state_of(device, at)
    tone, words = STATES[state]
    cause = state == "revoked" and device.revoked_for_cause
    zone = organisation.time_zone
    return {
        "id": device.id,
        "name": device.name,
        "organisation": organisation.name,
        "state": state,
        "tone": tone,
        "state_words": _("revoked for cause") if cause else words,
        "address": device.key_address,
        "custody": CUSTODY[device.custody],
        "types": [catalogue().action_type(slug).name[locale()] for slug in device.scope],
        "valid_from": formats.moment(device.valid_from, zone),
        "valid_until": people_view.last_day(device.valid_until, zone),
        "use": use,
        "actions_per_day": device.actions_per_day,
        "reward_cents_per_day": device.reward_cents_per_day,
        "token_issued": device.token_issued_at and formats.moment(device.token_issued_at, zone),
        "by_server": device.custody is KeyCustody.SERVER,
        "living": state in ("waiting", "coming", "active"),
    }
