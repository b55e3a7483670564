"""Devices that vouch by themselves: a compost scale, a bike counter, a deposit machine."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.db import BigInt, Json, text_enum, uuid7
from app.identity.models import KeyCustody


class Device(SQLModel, table=True):
    """A registered device: entered by its organisation, confirmed by the city, on the chain.

    It has two things of its own: a key, which signs, and a token, which lets it in. Only a hash
    of the token is kept. `valid_until` is excluded, as on the chain.
    """

    __table_args__ = (
        CheckConstraint("confirmed_by is null or confirmed_by <> entered_by", name="second_person"),
        CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name="confirmed"),
        CheckConstraint("valid_from < valid_until", name="valid_span"),
        CheckConstraint("length(btrim(name)) between 1 and 100", name="name_length"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    name: str
    key_address: str = Field(unique=True)
    custody: KeyCustody = Field(sa_type=text_enum(KeyCustody, "custody"))
    scope: list[str] = Field(sa_type=Json)  # action types, never empty
    scope_hash: bytes
    valid_from: datetime
    valid_until: datetime
    actions_per_day: int = 300
    reward_cents_per_day: int = Field(default=10_000, sa_type=BigInt)
    token_hash: bytes | None = Field(default=None, unique=True)
    token_issued_at: datetime | None = None
    token_issued_by: UUID | None = None
    entered_by: UUID
    entered_at: datetime
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: UUID | None = None
    revoked_for_cause: bool = False
