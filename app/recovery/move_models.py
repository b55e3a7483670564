"""An account's change of place by its owner's signature."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import BigInt, text_enum
from app.identity.models import WalletKind


class AccountMove(SQLModel, table=True):
    """Accepted and sent; the new account is entered once the chain's word for it is final.

    The id is the digest that the owner signed. `wallet`: who holds the new account's key.
    """

    __tablename__ = "account_move"
    __table_args__ = (
        CheckConstraint("amount_cents >= 0", name="amount_not_negative"),
        CheckConstraint("done_at is null or failed_at is null", name="one_end"),
        Index(
            "uq_account_move_account",
            "account_id",
            unique=True,
            postgresql_where="failed_at is null",
        ),
        Index(
            "uq_account_move_new_address",
            "new_address",
            unique=True,
            postgresql_where="failed_at is null",
        ),
    )

    id: bytes = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    account_id: UUID = Field(foreign_key="account.id")
    new_address: str
    wallet: WalletKind = Field(sa_type=text_enum(WalletKind, "wallet"))
    amount_cents: int = Field(sa_type=BigInt)
    asked_at: datetime
    done_at: datetime | None = None
    failed_at: datetime | None = None  # the chain would not, for good: nothing changed
