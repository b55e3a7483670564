"""Money between a programme and who gave it: what came in, and what went back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import BigInt, uuid7


class _Transfer(SQLModel):
    """Money of a named bank transfer: proposed by one treasurer, confirmed by another."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    programme_id: UUID = Field(foreign_key="programme.id", index=True)
    amount_cents: int = Field(sa_type=BigInt)
    bank_reference: str
    proposed_by: UUID
    proposed_at: datetime
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None
    final_at: datetime | None = None  # counted once the chain says so
    withdrawn_by: UUID | None = None
    withdrawn_at: datetime | None = None
    released_at: datetime | None = None  # the chain let the withdrawn reference go


def _held_by_the_database(table: str) -> tuple[CheckConstraint | Index, ...]:
    """What holds for every transfer; a reference counts once unless it was let go."""
    return (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint(
            "length(bank_reference) between 4 and 140 and btrim(bank_reference) = bank_reference",
            name="reference_length",
        ),
        CheckConstraint("confirmed_by is null or confirmed_by <> proposed_by", name="two"),
        CheckConstraint("confirmed_by is null or withdrawn_by is null", name="one_end"),
        Index(
            f"uq_{table}_bank_reference",
            "bank_reference",
            unique=True,
            postgresql_where="released_at is null",
        ),
    )


class Funding(_Transfer, table=True):
    """From a funder to a programme."""

    __table_args__ = _held_by_the_database("funding")


class MoneyReturn(_Transfer, table=True):
    """Of a remainder, back to its funder."""

    __tablename__ = "money_return"
    __table_args__ = _held_by_the_database("money_return")
