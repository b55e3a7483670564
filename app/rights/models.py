"""What people asked of their data: each request with its clock, and a journal of every step."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import text_enum, uuid7


class RequestKind(enum.Enum):
    """By article of the GDPR; access and portability are the export, a click away."""

    RECTIFICATION = "rectification"  # 16
    ERASURE = "erasure"  # 17
    RESTRICTION = "restriction"  # 18
    OBJECTION = "objection"  # 21
    ACCESS = "access"  # 15 and 20
    GUARDIANSHIP = "guardianship"  # no article: the ward objects, two officers may end it


class RequestState(enum.Enum):
    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by who asked


class RightsRequest(SQLModel, table=True):
    """Answered within a month; longer only once, with a reason, by two more (article 12)."""

    __tablename__ = "rights_request"
    __table_args__ = (
        CheckConstraint("(kind = 'objection') = (purpose is not null)", name="purpose"),
        CheckConstraint("(state = 'open') = (closed_at is null)", name="closed"),
        CheckConstraint("due_at > received_at", name="due_after"),
        Index("ix_rights_request_open", "due_at", postgresql_where="state = 'open'"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    kind: RequestKind = Field(sa_type=text_enum(RequestKind, "kind"))
    purpose: str | None = None
    text_sealed: bytes | None = None
    state: RequestState = Field(sa_type=text_enum(RequestState, "state"))
    received_at: datetime
    due_at: datetime
    extended: bool = False
    answer_sealed: bytes | None = None
    closed_at: datetime | None = None


class RightsStep(SQLModel, table=True):
    """The journal: added and read, never changed. Says what was done, never what was written."""

    __tablename__ = "rights_step"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    request_id: UUID = Field(foreign_key="rights_request.id", index=True)
    at: datetime
    by_person: UUID | None = None  # null: Civis by itself
    what: str  # received | read | extended | granted | refused | withdrawn | ended
