"""What one person may change alone, written down: what stood before, what after, who, when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import Json, uuid7


class Change(SQLModel, table=True):
    """Added and read, never altered. What needs two people stands in `proposal`."""

    __table_args__ = (
        Index("ix_change_subject", "subject_id", "id"),
        CheckConstraint("before <> after", name="something_changed"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    what: str  # ceilings | state | key-offered | key-registered
    subject_id: UUID  # of the organisation or programme
    before: dict[str, Any] = Field(sa_type=Json)
    after: dict[str, Any] = Field(sa_type=Json)
    by: UUID | None = None  # null: the installation itself
    at: datetime
