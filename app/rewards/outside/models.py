"""Data that rules name and don't hold, as two people published it."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import Json, text_enum, uuid7


class OutsideKind(enum.Enum):
    CALENDAR = "calendar"  # days: holidays, strikes
    ZONE = "zone"  # a place, by codes or by polygons
    NUMBER = "number"  # a limit's figure


class OutsideData(SQLModel, table=True):
    """A version; added only. For a moment holds the highest version that is valid by then.

    All but the first begin after they were confirmed, so what held at a past moment never changes.
    """

    __tablename__ = "outside_data"
    __table_args__ = (
        UniqueConstraint("kind", "name", "version"),
        CheckConstraint("version > 0", name="version_positive"),
        CheckConstraint("version = 1 or valid_from >= created_at", name="not_in_the_past"),
        CheckConstraint("confirmed_by is null or confirmed_by <> created_by", name="two"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    kind: OutsideKind = Field(sa_type=text_enum(OutsideKind, "kind"))
    name: str
    version: int
    data: dict[str, Any] = Field(sa_type=Json)
    hash: bytes  # of the document: kind, name, source, licence, data
    source: str
    licence: str
    valid_from: datetime
    created_at: datetime
    created_by: UUID | None = None  # null: by the installation itself
    confirmed_by: UUID | None = None
