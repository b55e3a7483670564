"""The signer's own tables: keys that only it opens, and what it signed with them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import BigInt


class WalletKey(SQLModel, table=True):
    """A custodial key, sealed by the signer's own master key; only its role reads this table."""

    __tablename__ = "wallet_key"
    __table_args__ = {"schema": "signer"}

    address: str = Field(primary_key=True)
    sealed_key: bytes
    created_at: datetime


class SignedOrder(SQLModel, table=True):
    """What the signer signed for a custodial account: its own count for its own ceilings."""

    __tablename__ = "signed_order"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        Index("ix_signed_order_person", "person_id", "signed_at"),
        Index("ix_signed_order_payer", "payer_address", "signed_at"),
        {"schema": "signer"},
    )

    id: bytes = Field(primary_key=True)  # the order's digest: asked again, counted once
    person_id: UUID
    payer_address: str
    payee_address: str
    amount_cents: int = Field(sa_type=BigInt)
    by_card: bool = False
    mandate_id: UUID | None = Field(default=None, index=True)  # a representative ordered it
    signed_at: datetime


class SignedMove(SQLModel, table=True):
    """A custodial account that the signer let go to its owner's own key, with the most that it
    signed for: one announced move may be signed anew for what has come in meanwhile."""

    __tablename__ = "signed_move"
    __table_args__ = (
        CheckConstraint("amount_cents >= 0", name="amount_not_negative"),
        Index("ix_signed_move_at", "signed_at"),
        {"schema": "signer"},
    )

    id: UUID = Field(primary_key=True)  # the announcement: however often signed, counted once
    person_id: UUID
    amount_cents: int = Field(sa_type=BigInt)
    signed_at: datetime


class HeardMove(SQLModel, table=True):
    """A move to an owner's own key as the signer itself heard of it, and when it may be done.

    The id is the application's announcement: a stopped one, asked for anew, waits anew. Once ended
    it stays so. `digest`: of the move as it was announced; a passkey's answer for it counts once.
    """

    __tablename__ = "heard_move"
    __table_args__ = (
        CheckConstraint("ready_at >= heard_at", name="not_before"),
        Index("ix_heard_move_digest", "digest"),
        {"schema": "signer"},
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID
    programme_id: bytes
    sender: str
    receiver: str
    digest: bytes
    credential_id: bytes | None = None  # the passkey that signed for it
    heard_at: datetime
    ready_at: datetime
    ended_at: datetime | None = None  # the signer saw a block, or nobody was told


class SeenPasskey(SQLModel, table=True):
    """A passkey as it was when the signer first saw it, by its own clock."""

    __tablename__ = "seen_passkey"
    __table_args__ = {"schema": "signer"}

    credential_id: bytes = Field(primary_key=True)
    person_id: UUID
    public_key: bytes
    seen_at: datetime


class MandateWord(SQLModel, table=True):
    """That somebody else may pay, as the giver said it to the signer itself.

    `by_card`: said with card and PIN, so that it holds for who is known by a card alone.
    """

    __tablename__ = "mandate_word"
    __table_args__ = (
        CheckConstraint("day_cents > 0", name="amount_positive"),
        {"schema": "signer"},
    )

    mandate_id: UUID = Field(primary_key=True)
    person_id: UUID
    representative_id: UUID
    day_cents: int = Field(sa_type=BigInt)
    until: datetime
    by_card: bool
    said_at: datetime
