"""Emergency access: who opened it for how long, what was done in it, who looked at it."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import text_enum, uuid7


class EmergencyDeed(enum.Enum):
    """All that can be done in one: nothing here pays, mints, recovers or gives a role."""

    BLOCK = "block"  # somebody's wallet stands still
    PAUSE = "pause"  # a programme records nothing more
    READ = "read"  # a request about data that is late
    ANSWER = "answer"  # and its answer
    SEEK = "seek"  # an address or number that nobody has here, to be blocked


class EmergencyAccess(SQLModel, table=True):
    """Opened by one person for themselves; ends at `until`, or when somebody ends it before.

    The reason is sealed under the key of whoever opened it.
    """

    __tablename__ = "emergency_access"
    __table_args__ = (
        CheckConstraint(
            "until > opened_at and until <= opened_at + interval '4 hours'", name="short"
        ),
        Index("ix_emergency_access_person", "person_id", "until"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    reason_sealed: bytes
    opened_at: datetime
    until: datetime


class EmergencyEnd(SQLModel, table=True):
    """Somebody ended it before its time; added once, so that nobody opens it again."""

    __tablename__ = "emergency_end"

    emergency_id: UUID = Field(primary_key=True, foreign_key="emergency_access.id")
    at: datetime
    by: UUID


class EmergencyAct(SQLModel, table=True):
    """The mark on whatever was done in it, written with the deed itself."""

    __tablename__ = "emergency_act"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    emergency_id: UUID = Field(foreign_key="emergency_access.id", index=True)
    at: datetime
    deed: EmergencyDeed = Field(sa_type=text_enum(EmergencyDeed, "deed"))
    about: UUID  # the block, the programme, the request; for `seek` the emergency access itself


class EmergencyReview(SQLModel, table=True):
    """Somebody else looked at it, and wrote what they found, sealed under their key."""

    __tablename__ = "emergency_review"
    __table_args__ = (
        Index("uq_emergency_review_person", "emergency_id", "person_id", unique=True),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    emergency_id: UUID = Field(foreign_key="emergency_access.id")
    person_id: UUID
    at: datetime
    text_sealed: bytes
