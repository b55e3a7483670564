"""What may be known of a person: the key that seals their data, consents, and who looked.

Nothing personal is stored in clear. A sealed column opens only with its subject's key; when
that key is destroyed, every sealed value of the subject is gone for good.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.db import BigInt, Json, text_enum, uuid7
from app.privacy.rules import ConsentState

_WRITTEN = "pg_current_xact_id()::text::bigint"


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


class Consent(SQLModel, table=True):
    """One purpose, one recipient, one exact notice: a record of ISO/IEC TS 27560.

    `terms` holds what the register said then (app.privacy.terms); who controls and who receives is
    added on the receipt. At most one record is open for a purpose and a recipient.
    """

    __table_args__ = (
        Index(
            "uq_consent_one_open",
            "subject_id",
            "purpose",
            "recipient",
            unique=True,
            postgresql_where="state in ('requested', 'given')",
        ),
        CheckConstraint(
            "(state in ('withdrawn', 'expired')) = (ended_at is not null)", name="ended"
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    subject_id: UUID = Field(foreign_key="subject.id", index=True)
    purpose: str
    recipient: str
    notice_version: str
    notice_hash: bytes
    language: str  # that the notice was shown in
    terms: dict[str, Any] = Field(sa_type=Json)
    state: ConsentState = Field(sa_type=text_enum(ConsentState, "state"))
    given_at: datetime  # or requested, or refused
    valid_until: datetime | None = None
    ended_at: datetime | None = None


class ConsentEvent(SQLModel, table=True):
    """A step of a consent: only ever added. `by`: `self`, `counter:` and the officer
    who entered it on the person's word (and `:parent` where a parent agreed), or a part of the
    system."""

    __tablename__ = "consent_event"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    consent_id: UUID = Field(foreign_key="consent.id", index=True)
    at: datetime
    state: ConsentState = Field(sa_type=text_enum(ConsentState, "state"))
    by: str


class AccessRecord(SQLModel, table=True):
    """A read of another person's data, sealed under that person's key. Rows are only ever added.

    In partitions by the month of `at`; the application gives neither time nor `written`, the
    number of the transaction that wrote the row.
    """

    __tablename__ = "access_record"
    __table_args__ = (
        Index("ix_access_record_subject_id", "subject_id", "id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    at: datetime = Field(
        primary_key=True, sa_column_kwargs={"server_default": text("clock_timestamp()")}
    )
    subject_id: UUID
    entry_sealed: bytes
    written: int = Field(
        sa_type=BigInt, index=True, sa_column_kwargs={"server_default": text(_WRITTEN)}
    )


class AccessSeal(SQLModel, table=True):
    """A signed word on all entries of a month in a span of transactions; numbered without gaps.

    `root` is the Merkle root over the entries in order (zero for none), `previous` the digest of
    the seal before; the signature comes after the row (app.reporting.access.sealing).
    """

    __tablename__ = "access_seal"

    number: int = Field(primary_key=True, sa_type=BigInt, sa_column_kwargs={"autoincrement": False})
    day: int = Field(index=True)  # since 1970-01-01, of the sealing; never falls
    month: int  # yyyymm, of the entries' `at`
    written_from: int = Field(sa_type=BigInt)
    written_before: int = Field(sa_type=BigInt)
    entries: int = Field(sa_type=BigInt)
    root: bytes
    previous: bytes
    signature: bytes | None = None


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
