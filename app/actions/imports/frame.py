"""What the rows of a job are judged by, and what is found of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions.imports.checks import Trip
from app.actions.imports.options import Options
from app.actions.imports.rows import canonical
from app.actions.models import ActionState
from app.actions.timetable import Terms, day_of
from app.actions.told import REFERENCES, Told
from app.impact.catalogue import ActionType
from app.privacy.keyed import keyed
from app.privacy.keys import keyring_of


@dataclass(slots=True)
class Verdict:
    """A row's fate; `trip` and hashes only where something is written of it."""

    number: int
    result: str
    reason: str | None = None
    trip: Trip | None = None
    trip_hash: bytes = b""
    content_hash: bytes = b""
    person_id: UUID | None = None
    told: Told | None = None
    other_id: UUID | None = None  # who shared the car, if linked too
    replaces: UUID | None = None  # the action that this row corrects
    before: ActionState | None = None
    known: bool = False  # a row of imported_trip is there already
    action_id: UUID | None = None


@dataclass(frozen=True)
class Hashes:
    """Keyed hashes of one partner's trips; the keys are fetched once a job.

    `partner` has a fixed length, so what follows it needs no length of its own. Every row of a
    file is hashed twice here: BLAKE2b takes its key by itself, in a third of an HMAC's time.
    """

    partner: bytes
    trip_key: bytes
    content_key: bytes
    rider_key: bytes
    shared_key: bytes

    @classmethod
    def of(cls, session: Session, organisation_id: UUID) -> Hashes:
        keyring = keyring_of(session)
        purposes = ("trip", "trip-content", "rider", "shared")
        keys = (keyring.derived(f"hash|{purpose}") for purpose in purposes)
        return cls(organisation_id.bytes, *keys)

    def trip(self, trip_id: str) -> bytes:
        return _keyed(self.trip_key, self.partner + trip_id.encode())

    def content(self, values: Sequence[str] | None) -> bytes:
        return _keyed(self.content_key, self.partner + canonical(values))

    def rider(self, rider_ref: str) -> bytes:
        return keyed(self.rider_key, self.partner, rider_ref)

    def told(self, told: Told, programme_id: UUID) -> dict[str, Any]:
        """What a trip tells, with hashes of who and what it was shared with: others in every
        programme, so that nobody who isn't linked can be followed from one to the next."""
        scope = (self.shared_key, self.partner, programme_id.bytes)
        hidden = {
            name: keyed(*scope, name, told[name]).hex() for name in REFERENCES if name in told
        }
        return {**told, **hidden}


def _keyed(key: bytes, content: bytes) -> bytes:
    return blake2b(content, key=key, digest_size=32).digest()


@dataclass(frozen=True)
class Look:
    """What a row is judged by before anything else is read: so it can be done ahead."""

    options: Options
    hashes: Hashes
    now: datetime


@dataclass(frozen=True)
class Frame:
    """What every row of a chunk is judged by."""

    job_id: UUID
    organisation_id: UUID
    terms: Terms
    action_type: ActionType
    now: datetime

    def day_of(self, trip: Trip) -> date:
        """Of the deed: where its programme is, in whatever zone the file tells its times."""
        return day_of(trip.started_at, self.terms.zone)
