"""Who was told of an end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class EndNotice(SQLModel, table=True):
    """One row for each person of a programme whose end was announced; with its letter, or without
    where no address is known: then the counter and the shops tell it."""

    __tablename__ = "end_notice"
    __table_args__ = (Index("ix_end_notice_person", "person_id"),)

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.id")
    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    told_at: datetime
    by_letter: bool
