"""Passkeys: what signs for a person on a device of theirs, and the questions that are answered.

Credential id and public key are made by the device for this site alone and say nothing of whose
they are; the name is the person's own words, so it is sealed.
"""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.db import BigInt, text_enum, uuid7


class ChallengePurpose(enum.Enum):
    """An answer to one is worth nothing for another."""

    SIGN_IN = "sign_in"
    STEP_UP = "step_up"
    REGISTER = "register"


class Passkey(SQLModel, table=True):
    """`cloned_at`: when its count of signatures went back, so that a copy may exist; it is
    refused from then on."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    credential_id: bytes = Field(unique=True)
    public_key: bytes  # COSE
    sign_count: int = Field(sa_type=BigInt)
    name_sealed: bytes
    created_at: datetime
    last_used_at: datetime | None = None
    cloned_at: datetime | None = None


class PasskeyChallenge(SQLModel, table=True):
    """32 random bytes to be signed, once: the row goes with the first answer, right or wrong.

    Bound to its purpose and, but for a sign-in, to the session that asked.
    """

    __tablename__ = "passkey_challenge"
    __table_args__ = (
        CheckConstraint("(purpose = 'sign_in') = (session_id is null)", name="bound_to_session"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    challenge: bytes
    purpose: ChallengePurpose = Field(sa_type=text_enum(ChallengePurpose, "purpose"))
    session_id: UUID | None = Field(
        default=None, foreign_key="sign_in_session.id", ondelete="CASCADE"
    )
    expires_at: datetime = Field(index=True)
