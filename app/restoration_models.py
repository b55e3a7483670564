"""That this database came out of a backup, and how far it has been brought up to the chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import Json, uuid7


class Restoration(SQLModel, table=True):
    """While one isn't opened, the doors are shut: no page, no job, nothing is sent."""

    __table_args__ = (
        Index("uq_restoration_shut", "shut", unique=True, postgresql_where="shut"),
        CheckConstraint("shut = (opened_at is null)", name="opened"),
        CheckConstraint("shut or report is not null", name="matched_first"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    restored_at: datetime
    source: str  # the backup's label
    log_end: str  # the last place of the write-ahead log that was replayed
    report: dict[str, Any] | None = Field(default=None, sa_type=Json)
    shut: bool = True
    opened_at: datetime | None = None
    opened_by: str | None = None  # a system user's name, and why
