"""What limits money, and was changed since the backup: the account that a shop has left, a ceiling.

The journal knows ids and ceilings; a shop's new account it doesn't know. So the one that came back
is doubted, and nothing is paid to it: a euro that waits can be mended, one that somebody else has
got can't.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import changes, journal
from app.actions.device_models import Device
from app.backup.ends_of_keys import End
from app.identity.models import Organisation
from app.journal import Entry
from app.merchants.bank_files import current_details, doubted_shops

CEILINGS = ("actions_per_day", "reward_cents_per_day")


def _bank_details_confirmed(session: Session, entry: Entry, _now: datetime) -> bool:
    """Where the books know these, or later ones, nothing is to be doubted."""
    known = current_details(session, UUID(entry.ids["merchant"]))
    if known is None or known.confirmed_at is None or known.confirmed_at >= entry.at:
        return False
    known.doubted_at = entry.at
    return True


def _ceilings_set(session: Session, entry: Entry, _now: datetime) -> bool:
    """As they were set last, and where that may not have been done, the lower ones."""
    row_id = UUID(entry.ids["limited"])
    row = session.get(Organisation, row_id) or session.get(Device, row_id)
    newest = changes.changes_of(session, row_id, 1, what=changes.CEILINGS)
    if row is None or (newest and newest[0].at >= entry.at):
        return False
    before = {name: int(getattr(row, name)) for name in CEILINGS}
    said = {name: int(entry.ids[name]) for name in CEILINGS}
    after = said if entry.done else {name: min(said[name], before[name]) for name in CEILINGS}
    for name, most in after.items():
        setattr(row, name, most)
    changes.note(session, changes.CEILINGS, row_id, before, after, by=None, now=entry.at)
    return before != after


def doubted(session: Session) -> list[str]:
    """Shops to which nothing is paid until their account is confirmed anew."""
    shops = select(Organisation).where(col(Organisation.id).in_(doubted_shops(session)))
    waits = "nothing is paid to it until its bank account, changed since, is confirmed anew"
    ordered = shops.order_by(col(Organisation.slug))
    return [f"shop {shop.slug}: {waits}" for shop in session.scalars(ordered)]


AGAIN: Mapping[str, End] = {
    journal.BANK_DETAILS_CONFIRMED: _bank_details_confirmed,
    journal.CEILINGS_SET: _ceilings_set,
}
