"""What may be known of a person: the key that seals their data, consents, and who looked.

Nothing personal is stored in clear. A sealed column opens only with its subject's key; when
that key is destroyed, every sealed value of the subject is gone for good.
"""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import Json, text_enum, uuid7


class Subject(SQLModel, table=True):
    """Somebody whose data is held; `erased_at` once their key has been destroyed."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    created_at: datetime
    erased_at: datetime | None = None


class SubjectKey(SQLModel, table=True):
    """The data key and the salt key of a subject, wrapped by the key-encryption key."""

    __tablename__ = "subject_key"
    __table_args__ = {"schema": "vault"}

    subject_id: UUID = Field(primary_key=True)
    wrapped_data_key: bytes
    wrapped_salt_key: bytes
    epoch: str


class ConsentState(enum.Enum):
    """`given` until `withdrawn` or `expired`; `refused` asks no more by itself."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Consent(SQLModel, table=True):
    """One purpose, one recipient, one exact notice."""

    __table_args__ = (
        Index(
            "uq_consent_one_given",
            "subject_id",
            "purpose",
            "recipient",
            unique=True,
            postgresql_where="state = 'given'",
        ),
        CheckConstraint("(state = 'withdrawn') = (ended_at is not null)", name="ended"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    subject_id: UUID = Field(foreign_key="subject.id", index=True)
    purpose: str
    recipient: str
    notice_version: str
    notice_hash: bytes
    state: ConsentState = Field(sa_type=text_enum(ConsentState, "state"))
    given_at: datetime
    ended_at: datetime | None = None


class AccessRecord(SQLModel, table=True):
    """A read of another person's data: who, whose, what for. Rows are only ever added."""

    __tablename__ = "access_record"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    at: datetime
    actor_id: UUID | None = None
    actor_role: str
    subject_id: UUID = Field(index=True)
    resource: str
    fields: list[str] = Field(default_factory=list, sa_type=Json)
    purpose: str
    request_id: str | None = None


class IdempotencyKey(SQLModel, table=True):
    """The answer once given to a write; key row, effect and answer commit together.

    The answer is sealed with the service's own key, since it may hold personal data.
    """

    __tablename__ = "idempotency_key"

    principal: str = Field(primary_key=True)
    route: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    body_hash: bytes
    status: int
    answer: bytes
    headers: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(index=True)
