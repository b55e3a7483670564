"""One person, one account: who has shown names and birth date once can't do so for a second.

The hash has a key of its own (`pivot-identity`), so it can be matched with nothing else, and goes
with the person. Whether the proof came from a provider or was papers at a counter, the same
normal form is hashed.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import city_day
from app.errors import Problem
from app.identity.age_asked import set_age
from app.identity.ages import AgeBand, age_of
from app.identity.models import IdentityLevel, Person
from app.identity.openid import problems
from app.identity.openid.models import IdentityIndex
from app.privacy.service import keyed_hash

__all__ = ["problems"]


@dataclass(frozen=True)
class Pivot:
    """Who somebody is, as papers say it; never stored. `given_names`: all of them, in order."""

    family_name: str
    given_names: str
    born: date


def prove(
    session: Session, person_id: UUID, pivot: Pivot, now: datetime, *, parent_agrees: bool = False
) -> None:
    """The person's identity is verified: level, age band, and no second account.

    Raises Problem second-account, and parent-needed under fifteen unless a parent is there.
    """
    age, found = age_of(pivot.born, city_day(session, now)), session.get_one(Person, person_id)
    agreed = parent_agrees or found.age_band is AgeBand.UNDER_15  # a parent did, at a counter
    if age.band is AgeBand.UNDER_15 and not agreed:
        raise Problem("parent-needed")
    enter(session, person_id, pivot, now)
    found.identity_level = IdentityLevel.VERIFIED
    set_age(session, found, age, now)


def enter(session: Session, person_id: UUID, pivot: Pivot, now: datetime) -> None:
    """Into the index; the same person again changes nothing. Raises Problem second-account."""
    lookup = _lookup(session, pivot)
    row = insert(IdentityIndex).values(lookup=lookup, person_id=person_id, entered_at=now)
    session.execute(row.on_conflict_do_nothing())
    holder = select(col(IdentityIndex.person_id)).where(col(IdentityIndex.lookup) == lookup)
    if session.scalar(holder) != person_id:
        raise Problem("second-account")


def _lookup(session: Session, pivot: Pivot) -> bytes:
    parts = (_plain(pivot.family_name), _plain(pivot.given_names), pivot.born.isoformat())
    return keyed_hash(session, "pivot-identity", *parts)


def _plain(name: str) -> str:
    """Without accents, case, hyphens and doubled spaces: papers and providers differ in these."""
    letters = unicodedata.normalize("NFKD", name)
    kept = (c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join("".join(kept).upper().split())
