"""A contest of a card payment: what its holder disputes, until two officers decide."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.db import text_enum, uuid7


class ContestReason(enum.Enum):
    NOT_MINE = "not-mine"  # the holder did not pay this
    WRONG_AMOUNT = "wrong-amount"
    NOTHING_RECEIVED = "nothing-received"


class ContestState(enum.Enum):
    OPEN = "open"  # nothing of the payment is paid out
    UPHELD = "upheld"  # two officers: it goes back to the holder, then counts as given back
    DISMISSED = "dismissed"  # two officers: it stays paid


class Contest(SQLModel, table=True):
    """One per payment. `opened_by` is the officer at whose counter it was said, or nobody."""

    __table_args__ = (
        CheckConstraint("(state = 'open') = (decided_at is null)", name="decided"),
        CheckConstraint("refunded_at is null or state = 'upheld'", name="refunded"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    payment_id: UUID = Field(foreign_key="payment.id", unique=True)
    reason: ContestReason = Field(sa_type=text_enum(ContestReason, "reason"))
    state: ContestState = Field(sa_type=text_enum(ContestState, "state"), index=True)
    opened_at: datetime
    opened_by: UUID | None = None  # null: the holder on their own page
    decided_at: datetime | None = None
    refunded_at: datetime | None = None  # the refund is signed and held
