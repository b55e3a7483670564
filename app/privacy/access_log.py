"""Who looked: an entry for each read of another person's data, readable by that person alone.

An entry is sealed under its subject's key and added in the transaction of the read. Row, time,
subject and the writing transaction's number stay in clear: by them entries are paged, and sealed in
order (app.reporting.access). Its time is PostgreSQL's own, never a demo's moved one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.db import uuid7
from app.privacy.models import AccessRecord
from app.privacy.sealing import Ref, SealBroken, open_bytes
from app.privacy.subject_keys import seal, shown_key

__all__ = [
    "Actor",
    "Look",
    "SealBroken",
    "accesses_to",
    "entry_key",
    "entry_ref",
    "look_of",
    "open_shown",
    "record_access",
]


class Actor(NamedTuple):
    """Who opens: a person in a role, or a part of the system (`id` none)."""

    id: UUID | None
    role: str
    request_id: str | None = None

    @classmethod
    def system(cls, part: str) -> Actor:
        return cls(None, f"system:{part}")

    @classmethod
    def subject(cls, subject_id: UUID) -> Actor:
        """The person themselves: nothing is recorded."""
        return cls(subject_id, "self")


@dataclass(frozen=True)
class Look:
    """An opened entry. `fields` are columns of the table `resource`."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    actor_role: str
    resource: str
    fields: list[str]
    purpose: str
    request_id: str | None


def record_access(
    session: Session,
    subject_id: UUID,
    *,
    resource: str,
    fields: Iterable[str],
    purpose: str,
    actor: Actor,
) -> None:
    """Notes a read of a person's data; a list of actions of one citizen is such a read too.

    Raises Problem data-erased.
    """
    row_id = uuid7()
    entry = {
        "actor_id": str(actor.id) if actor.id else None,
        "actor_role": actor.role,
        "resource": resource,
        "fields": list(fields),
        "purpose": purpose,
        "request_id": actor.request_id,
    }
    sealed = seal(session, subject_id, entry_ref(row_id), json.dumps(entry))
    session.execute(
        insert(AccessRecord).values(id=row_id, subject_id=subject_id, entry_sealed=sealed)
    )


def accesses_to(subject_id: UUID) -> Select[AccessRecord]:
    """Who looked at this person's data: shown to the person, by pages."""
    return select(AccessRecord).where(col(AccessRecord.subject_id) == subject_id)


def entry_ref(row_id: UUID) -> Ref:
    return Ref("access_record", "entry_sealed", row_id)


def entry_key(session: Session, row: AccessRecord) -> bytes:
    """The key of this entry alone, for its subject to show. Raises Problem data-erased."""
    return shown_key(session, row.subject_id, entry_ref(row.id).label(row.subject_id))


def open_shown(key: bytes, value: bytes, row_id: UUID, subject_id: UUID) -> str:
    """An entry, with the key of its own that its subject shows. Raises SealBroken."""
    return open_bytes(key, value, entry_ref(row_id).label(subject_id)).decode()


def look_of(row: AccessRecord, opened: str) -> Look:
    """The entry of a row, as it was opened."""
    entry = json.loads(opened)
    actor_id = entry.pop("actor_id")
    return Look(row.id, row.at, UUID(actor_id) if actor_id else None, **entry)
