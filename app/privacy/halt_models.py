"""Uses of a person's data that stand still: because they restricted all, or objected to one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import uuid7


class Halt(SQLModel, table=True):
    """From `since` until `ended_at`; without a purpose every use that is not the person's own."""

    __table_args__ = (
        CheckConstraint("ended_at is null or ended_at >= since", name="ended_after"),
        Index(
            "uq_halt_open",
            "subject_id",
            "purpose",
            unique=True,
            postgresql_where="ended_at is null",
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    subject_id: UUID = Field(foreign_key="subject.id")
    purpose: str | None = None
    since: datetime
    ended_at: datetime | None = None
