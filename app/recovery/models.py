"""Recoveries: a person's account comes back to them by two officers, 72 hours and no objection; or
it is closed the same way, since the person died."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import text_enum, uuid7


class RecoveryKind(enum.Enum):
    ADDRESS = "address"  # another e-mail address to sign in with; nothing moves on the chain
    DEVICE = "device"  # a new account on the chain takes a lost device's place
    DEATH = "death"  # the person died: the account is closed


class RecoveryState(enum.Enum):
    PROPOSED = "proposed"  # by one officer; another confirms within 72 hours, or it lapses
    CONFIRMED = "confirmed"  # everybody is told; done after 72 hours unless somebody objects
    OBJECTED = "objected"  # stands still; two other officers decide within 30 days, or it fails
    APPROVED = "approved"  # they decided for it; done when its 72 hours are over
    DONE = "done"
    FAILED = "failed"  # taken back, decided against, or out of time


OPEN = (
    RecoveryState.PROPOSED,
    RecoveryState.CONFIRMED,
    RecoveryState.OBJECTED,
    RecoveryState.APPROVED,
)
_IS_OPEN = "state in ('proposed', 'confirmed', 'objected', 'approved')"


class Seen(enum.Enum):
    """By what the person was known at the counter."""

    PAPERS = "papers"
    CARD = "card"


class DeathPaper(enum.Enum):
    """The proof that was seen; no copy of it is kept."""

    CERTIFICATE = "certificate"  # the register's act of death
    FAMILY_BOOK = "family_book"
    NOTARY = "notary"  # a notary's attestation


class Recovery(SQLModel, table=True):
    """One case; it lapses at `ends_at`. The new address is sealed under its person's key, and shown
    to be theirs by the code that went there."""

    __table_args__ = (
        CheckConstraint("confirmed_by <> proposed_by", name="second_person"),
        CheckConstraint(
            "proposed_by <> person_id and (confirmed_by is null or confirmed_by <> person_id)",
            name="not_own",
        ),
        CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name="confirmed"),
        CheckConstraint("(confirmed_at is null) = (ready_at is null)", name="ready"),
        CheckConstraint(
            "(kind = 'address') = (email_sealed is not null and code_hash is not null)",
            name="address_named",
        ),
        CheckConstraint(
            "kind <> 'address' or confirmed_at is null or email_proved_at is not null",
            name="address_proved",
        ),
        CheckConstraint(
            "(kind = 'death') = (paper is not null) and (paper is null) = (paper_on is null)",
            name="paper_seen",
        ),
        CheckConstraint(
            "(kind = 'device') = (account_id is not null and new_address is not null)",
            name="account_named",
        ),
        Index(
            "uq_recovery_open_person",
            "person_id",
            unique=True,
            postgresql_where=f"{_IS_OPEN} and kind = 'address'",
        ),
        Index(
            "uq_recovery_open_death",
            "person_id",
            unique=True,
            postgresql_where=f"{_IS_OPEN} and kind = 'death'",
        ),
        Index(
            "uq_recovery_open_account",
            "account_id",
            unique=True,
            postgresql_where=f"{_IS_OPEN} and kind = 'device'",
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    kind: RecoveryKind = Field(sa_type=text_enum(RecoveryKind, "kind"))
    state: RecoveryState = Field(sa_type=text_enum(RecoveryState, "state"))
    seen: Seen = Field(sa_type=text_enum(Seen, "seen"))
    email_sealed: bytes | None = None
    code_hash: bytes | None = None  # of the code that went to that address
    code_tries_left: int = 0
    email_proved_at: datetime | None = None
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    new_address: str | None = Field(default=None, unique=True)
    paper: DeathPaper | None = Field(default=None, sa_type=text_enum(DeathPaper, "paper"))
    paper_on: date | None = None  # the day on it
    proposed_by: UUID
    proposed_at: datetime
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None
    ready_at: datetime | None = None
    ends_at: datetime
    objected_at: datetime | None = None
    objected_by: UUID | None = None  # an officer for the person; null: the person, or a letter
    released_at: datetime | None = None  # the execution was sent to the chain
    closed_at: datetime | None = None


class RecoveryVote(SQLModel, table=True):
    """What another officer decided after an objection."""

    __tablename__ = "recovery_vote"

    recovery_id: UUID = Field(primary_key=True, foreign_key="recovery.id")
    officer_id: UUID = Field(primary_key=True)
    in_favour: bool
    at: datetime
