"""Letters waiting to leave: written with the effect they announce, sent by a worker later."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.db import uuid7


class OutgoingMail(SQLModel, table=True):
    """Receiver, subject and text sealed with the service's key; the row goes when it is sent."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (Index("ix_outgoing_mail_due", "not_before", "id"),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    sealed: bytes
    created_at: datetime
    not_before: datetime
    tries: int = 0
    last_error: str | None = None
