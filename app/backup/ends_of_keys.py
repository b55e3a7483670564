"""How ends of keys, tokens, badges and cards are done again after a restore."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app import journal
from app.actions.device_models import Device
from app.actions.models import AttesterKey
from app.identity.cards.models import LIVE, Card, CardState
from app.identity.models import Organisation
from app.identity.openid.service import linked
from app.identity.organisations import end_key
from app.identity.passkeys.models import Passkey
from app.identity.stations.models import Badge, Station
from app.journal import Entry

End = Callable[[Session, Entry, datetime], bool]


def _card_blocked(session: Session, entry: Entry, _now: datetime) -> bool:
    card = session.get(Card, UUID(entry.ids["card"]), with_for_update=True)
    if card is None or card.state not in LIVE:
        return False
    card.state, card.ended_at = CardState.BLOCKED, entry.at
    return True


def _passkey_removed(session: Session, entry: Entry, _now: datetime) -> bool:
    passkey = session.get(Passkey, UUID(entry.ids["passkey"]), with_for_update=True)
    if passkey is None:
        return False
    session.delete(passkey)
    return True


def _key_revoked(session: Session, entry: Entry, _now: datetime) -> bool:
    key = session.get(AttesterKey, entry.ids["address"], with_for_update=True)
    if key is None or key.revoked_at is not None:
        return False
    key.revoked_at, key.revoked_for_cause = entry.at, "for_cause" in entry.ids
    return True


def _passkey_cloned(session: Session, entry: Entry, _now: datetime) -> bool:
    passkey = session.get(Passkey, UUID(entry.ids["passkey"]), with_for_update=True)
    if passkey is None or passkey.cloned_at is not None:
        return False
    passkey.cloned_at = entry.at
    return True


def _organisation_key_revoked(session: Session, entry: Entry, _now: datetime) -> bool:
    found = session.get(Organisation, UUID(entry.ids["organisation"]), with_for_update=True)
    if found is None or found.key_address != entry.ids["address"] or found.key_revoked_at:
        return False
    end_key(found, entry.at)
    return True


def _device_revoked(session: Session, entry: Entry, _now: datetime) -> bool:
    device = session.get(Device, UUID(entry.ids["device"]), with_for_update=True)
    for_cause = "for_cause" in entry.ids
    if device is None or (device.revoked_at and (device.revoked_for_cause or not for_cause)):
        return False
    if device.revoked_at is None:
        device.revoked_at, device.revoked_by = entry.at, UUID(entry.ids["by"])
    device.revoked_for_cause = for_cause
    return True


def _device_token_ended(session: Session, entry: Entry, _now: datetime) -> bool:
    device = session.get(Device, UUID(entry.ids["device"]), with_for_update=True)
    issued = datetime.fromisoformat(entry.ids["issued"])
    if device is None or device.token_issued_at != issued:
        return False
    device.token_hash = device.token_issued_at = device.token_issued_by = None
    return True


def _badge_ended(session: Session, entry: Entry, _now: datetime) -> bool:
    badge = session.get(Badge, UUID(entry.ids["badge"]), with_for_update=True)
    if badge is None or badge.ended_at is not None:
        return False
    badge.ended_at = entry.at
    return True


def _station_ended(session: Session, entry: Entry, _now: datetime) -> bool:
    station = session.get(Station, UUID(entry.ids["station"]), with_for_update=True)
    if station is None or station.ended_at is not None:
        return False
    station.ended_at, station.ended_by = entry.at, UUID(entry.ids["by"])
    return True


def _openid_ended(session: Session, entry: Entry, _now: datetime) -> bool:
    row = linked(session, UUID(entry.ids["person"]))
    if row is None or row.linked_at != datetime.fromisoformat(entry.ids["linked"]):
        return False
    session.delete(row)
    return True


AGAIN: Mapping[str, End] = {
    journal.CARD_BLOCKED: _card_blocked,
    journal.PASSKEY_REMOVED: _passkey_removed,
    journal.KEY_REVOKED: _key_revoked,
    journal.PASSKEY_CLONED: _passkey_cloned,
    journal.ORGANISATION_KEY_REVOKED: _organisation_key_revoked,
    journal.DEVICE_REVOKED: _device_revoked,
    journal.DEVICE_TOKEN_ENDED: _device_token_ended,
    journal.BADGE_ENDED: _badge_ended,
    journal.STATION_ENDED: _station_ended,
    journal.OPENID_ENDED: _openid_ended,
}
