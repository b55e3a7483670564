"""An account's change of place by its owner's signature."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import BigInt, text_enum, uuid7
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


class AnnouncedMove(SQLModel, table=True):
    """To a key of the owner's own: told to them, and not done before `ready_at`, the signer's word.

    It stands until its end is added; neither is ever changed, so nobody takes a stop back.
    """

    __tablename__ = "announced_move"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    account_id: UUID = Field(foreign_key="account.id")
    new_address: str = Field(index=True)
    asked_at: datetime
    ready_at: datetime


class AnnouncementEnd(enum.Enum):
    MOVED = "moved"  # the account moves: see account_move
    STOPPED = "stopped"  # by a session of the person's
    BLOCKED = "blocked"  # the wallet was blocked, by whoever may, or a recovery was confirmed
    LEFT = "left"  # the account has moved elsewhere, or the person has closed theirs


class AnnouncedMoveEnd(SQLModel, table=True):
    """Why an announced move stands no longer."""

    __tablename__ = "announced_move_end"

    announced_id: UUID = Field(primary_key=True, foreign_key="announced_move.id")
    why: AnnouncementEnd = Field(sa_type=text_enum(AnnouncementEnd, "why"))
    at: datetime
