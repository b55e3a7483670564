"""What the batcher last planned for a programme: it alone asks the chain for the day's ceiling."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.db import BigInt, Json, text_enum


class Short(enum.Enum):
    """What doesn't cover all that is due."""

    DAY_CEILING = "day_ceiling"  # goes on by itself, on the next UTC day
    FUNDING = "funding"


class CreditPlan(SQLModel, table=True):
    """`daily_ceiling_cents`: what the registry lets the programme mint a UTC day."""

    __tablename__ = "credit_plan"

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.id")
    daily_ceiling_cents: int | None = Field(default=None, sa_type=BigInt)
    short_of: Short | None = Field(default=None, sa_type=text_enum(Short, "short_of"))
    planned_at: datetime
    line: dict[str, Any] | None = Field(default=None, sa_type=Json)  # see day_ends.py
