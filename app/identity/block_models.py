"""Wallets that stand still for a while, and the letters' links that make them."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import text_enum, uuid7


class BlockChannel(enum.Enum):
    SESSION = "session"  # the person, signed in somewhere
    LETTER = "letter"  # the link of a letter
    COUNTER = "counter"
    TELEPHONE = "telephone"
    RECOVERY = "recovery"  # as long as a recovery is open
    EMERGENCY = "emergency"  # by emergency access; the chain is told nothing


class WalletBlock(SQLModel, table=True):
    """All of a person's accounts pay nothing until `until`; recording deeds goes on."""

    __tablename__ = "wallet_block"
    __table_args__ = (
        CheckConstraint("until > since", name="ends_later"),
        CheckConstraint("(channel = 'recovery') = (about is not null)", name="about"),
        Index("ix_wallet_block_person", "person_id", "until"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    channel: BlockChannel = Field(sa_type=text_enum(BlockChannel, "channel"))
    since: datetime
    until: datetime
    by_person: UUID | None = None  # who set or extended it last; null: the link, or a recovery
    about: UUID | None = None  # the recovery that keeps it blocked
    officer_key: str | None = None  # role key that told the chain last; null: nothing was told
    lifted_at: datetime | None = None
    lifted_by: UUID | None = None


class LinkKind(enum.Enum):
    BLOCK = "block"  # "this wasn't me"
    OBJECTION = "objection"  # to one recovery


class LetterLink(SQLModel, table=True):
    """A link of a letter that works once and without signing in; it can only stop something."""

    __tablename__ = "letter_link"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    token_hash: bytes = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    kind: LinkKind = Field(sa_type=text_enum(LinkKind, "kind"))
    about: UUID | None = None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
