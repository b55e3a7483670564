"""Requests for people's data by somebody who studies it: who, what for, which kinds of data."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import Json, text_enum, uuid7


class DisclosureState(enum.Enum):
    ASKED = "asked"
    ADMITTED = "admitted"  # people are asked; who agrees is in the answers
    REFUSED = "refused"
    ENDED = "ended"


class Disclosure(SQLModel, table=True):
    """What it names never changes. `recipient`: the city itself, or an organisation's id; at most
    one is open for a purpose and a recipient, so that a consent to both is a consent to it."""

    __table_args__ = (
        CheckConstraint("decided_by <> asked_by", name="second_person"),
        CheckConstraint("(until is not null) >= (state = 'admitted')", name="until"),
        CheckConstraint("(recipient = 'operator') = (organisation_id is null)", name="recipient"),
        Index(
            "uq_disclosure_one_open",
            "recipient",
            "purpose",
            unique=True,
            postgresql_where="state in ('asked', 'admitted')",
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    recipient: str
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    purpose: str
    fields: list[str] = Field(sa_type=Json)
    study: str  # in the words of who asks; shown to everybody who is asked
    state: DisclosureState = Field(sa_type=text_enum(DisclosureState, "state"))
    asked_by: UUID = Field(foreign_key="person.id")
    asked_at: datetime
    decided_by: UUID | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    until: datetime | None = None
