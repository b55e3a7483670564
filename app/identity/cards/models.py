"""Paper cards: a number that opens an account, for people without telephone or e-mail.

No number is stored: `number_lookup` is a keyed hash of it, and the signer keeps another one with
a key of its own. A card's person exists from the start, so a card may earn before it is activated.
"""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import text_enum, uuid7


class CardState(enum.Enum):
    MADE = "made"  # printed; may earn, can't pay
    ACTIVE = "active"  # given out, with a PIN that its holder chose
    BLOCKED = "blocked"  # lost or stolen: for good, another card takes its place
    REPLACED = "replaced"  # another card of the same person took its place


class Shown(enum.Enum):
    """What somebody at the counter was found by."""

    CARD = "card"
    CODE = "code"
    ADDRESS = "address"  # said, not shown: others know it too


LIVE = (CardState.MADE, CardState.ACTIVE)


class CardBatch(SQLModel, table=True):
    """Cards made together. Their numbers exist while the PDF is made, once."""

    __tablename__ = "card_batch"
    __table_args__ = (CheckConstraint("count between 1 and 200", name="count_bounded"),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    count: int
    made_by: UUID | None = Field(default=None, foreign_key="person.id")  # null: the installation
    made_at: datetime
    printed_at: datetime | None = None


class Card(SQLModel, table=True):
    """A card and whose it is."""

    __table_args__ = (
        CheckConstraint("(state in ('made', 'active')) = (ended_at is null)", name="ended"),
        CheckConstraint("state <> 'active' or activated_at is not null", name="activated"),
        Index(
            "uq_card_live",
            "person_id",
            unique=True,
            postgresql_where="state in ('made', 'active')",
        ),
        Index("ix_card_person", "person_id"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    batch_id: UUID = Field(foreign_key="card_batch.id", index=True)
    number_lookup: bytes = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.id")
    state: CardState = Field(sa_type=text_enum(CardState, "state"))
    made_at: datetime
    activated_at: datetime | None = None
    ended_at: datetime | None = None
    changed_by: UUID | None = None  # the officer of the last change
    refused_at: datetime | None = None  # last shown at a till while the wallet stood still


class CounterVisit(SQLModel, table=True):
    """Somebody stands before an officer: for a quarter of an hour they may be looked at and helped.

    `number_sealed`: the number that was shown, since the signer wants to see it too.
    """

    __tablename__ = "counter_visit"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    officer_id: UUID = Field(foreign_key="person.id", index=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    shown: Shown = Field(sa_type=text_enum(Shown, "shown"))
    number_sealed: bytes | None = None
    at: datetime
    expires_at: datetime


class CardSecret(SQLModel, table=True):
    """The signer's own word on a card: whose it is, and the slow hash of its PIN.

    `own`: the person began with this card, so that no session can spend in their name.
    """

    __tablename__ = "card_secret"
    __table_args__ = (
        CheckConstraint("(pin_hash is null) = (pin_salt is null)", name="pin_whole"),
        CheckConstraint("wrong_tries between 0 and 5", name="tries_bounded"),
        {"schema": "signer"},
    )

    number_hash: bytes = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    own: bool = True
    pin_hash: bytes | None = None
    pin_salt: bytes | None = None
    wrong_tries: int = 0
    pin_set_by: UUID | None = None
    pin_set_at: datetime | None = None
    made_at: datetime
    dead_at: datetime | None = None
