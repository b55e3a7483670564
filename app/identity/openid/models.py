"""Who a person is at a provider, and that they have one account here; nothing of it in clear."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class OpenIdIdentity(SQLModel, table=True):
    """A person's name at a provider (`iss` and `sub`), as a keyed hash."""

    __tablename__ = "openid_identity"

    lookup: bytes = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", unique=True)
    linked_at: datetime
    last_used_at: datetime


class IdentityIndex(SQLModel, table=True):
    """One person, one account: a keyed hash of names and birth date, with a key for this alone.

    It goes with the person. Papers seen at a counter and a provider's word give the same hash.
    """

    __tablename__ = "identity_index"

    lookup: bytes = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", unique=True)
    entered_at: datetime


class OpenIdSession(SQLModel, table=True):
    """What the provider asks for at signing out; goes with the session."""

    __tablename__ = "openid_session"

    session_id: UUID = Field(primary_key=True, foreign_key="sign_in_session.id")
    sealed: bytes
    created_at: datetime = Field(index=True)
