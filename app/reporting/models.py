"""What it adds up to. Published cells are chain-backed; daily facts are the city's records."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import BigInt, Json


class PublishedCell(SQLModel, table=True):
    """A cell as the chain published it: projection of `CellPublished`, read by every figure."""

    __tablename__ = "published_cell"
    __table_args__ = (Index("ix_published_cell_month", "month", "action_type_id"),)

    programme_chain_id: bytes = Field(primary_key=True)
    period: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    block_number: int = Field(sa_type=BigInt)
    block_hash: bytes
    block_time: datetime
    action_type_id: str
    action_type_version: int
    proof_level: str
    month: date
    correction: bool
    actions: int = Field(sa_type=BigInt)
    reward_cents: int = Field(sa_type=BigInt)
    metrics: dict[str, int] = Field(sa_type=Json)
    root: bytes


class FactDay(SQLModel, table=True):
    """A day's aggregate of the city's records, rolled idempotently."""

    __tablename__ = "fact_day"
    __table_args__ = (CheckConstraint("actions >= 0", name="not_negative"),)

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.id")
    day: date = Field(primary_key=True)
    action_type_id: str = Field(primary_key=True)
    action_type_version: int = Field(primary_key=True)
    proof_level: str = Field(primary_key=True)
    state: str = Field(primary_key=True)
    district: str = Field(primary_key=True, default="")
    actions: int
    people: int
    reward_cents: int = Field(sa_type=BigInt)
    metrics: dict[str, int] = Field(sa_type=Json)
    operator_signed: int = 0
