"""Stations: browsers at a counter or till that several persons use, and how each opens a shift.

A shift is a session (app.identity.models.SignInSession) that names its station. A *station* is no
*device* (app.actions.device_models), which vouches by itself.
"""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import text_enum, uuid7


class StationStatementKind(enum.Enum):
    ATTESTATION = "attestation"  # reference: the action's id
    PAYMENT_REQUEST = "payment_request"  # the payment's
    CARD_CHARGE = "card_charge"  # the payment's
    REFUND = "refund"  # the refund's, in hexadecimal


class Station(SQLModel, table=True):
    """Only a hash of its token is stored; the token alone opens no shift.

    `wrong_tries`: badges and PINs typed wrong since somebody's last right one.
    """

    __table_args__ = (
        CheckConstraint("length(btrim(name)) between 1 and 60", name="name_length"),
        CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    name: str
    token_hash: bytes = Field(unique=True)
    enrolled_by: UUID
    enrolled_at: datetime
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    wrong_tries: int = 0
    paused_until: datetime | None = None


class Badge(SQLModel, table=True):
    """How a person opens a shift at one organisation: the badge's number, or the short number
    and a PIN. Made by the person, whom alone both are shown; PIN and badge kept as hashes."""

    __table_args__ = (
        CheckConstraint("number between 100 and 999", name="number_short"),
        Index(
            "uq_badge_person",
            "person_id",
            "organisation_id",
            unique=True,
            postgresql_where="ended_at is null",
        ),
        Index(
            "uq_badge_short_number",
            "organisation_id",
            "number",
            unique=True,
            postgresql_where="ended_at is null",
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    organisation_id: UUID = Field(foreign_key="organisation.id")
    number: int
    badge_hash: bytes = Field(unique=True)
    pin_salt: bytes
    pin_hash: bytes
    wrong_tries: int = 0
    made_at: datetime
    ended_at: datetime | None = None


class StationStatement(SQLModel, table=True):
    """Which person said it at which station; what was said stands in its own table."""

    __tablename__ = "station_statement"
    __table_args__ = (UniqueConstraint("kind", "reference", name="said_once"),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    station_id: UUID = Field(foreign_key="station.id", index=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    session_id: UUID  # the shift; its row goes thirty days after its end
    kind: StationStatementKind = Field(sa_type=text_enum(StationStatementKind, "kind"))
    reference: str
    at: datetime
