"""What it adds up to. Published cells are chain-backed; daily facts are the city's records."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import BigInt, Json, uuid7


class PublishedCell(SQLModel, table=True):
    """A cell as the chain published it: projection of `CellPublished`, behind every figure."""

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


class PublishedFigure(SQLModel, table=True):
    """What the cells of a key add up to, corrections subtracted: all that the public reads.

    Nobody writes it: PostgreSQL makes it follow each change of a cell, see migration 0003.
    `cells` counts what stands behind it; `block_number` is the last of theirs.
    """

    __tablename__ = "published_figure"

    month: date = Field(primary_key=True)
    action_type_id: str = Field(primary_key=True)
    action_type_version: int = Field(primary_key=True)
    proof_level: str = Field(primary_key=True)
    programme_chain_id: bytes = Field(primary_key=True)
    cells: int
    block_number: int = Field(sa_type=BigInt)
    actions: int = Field(sa_type=BigInt)
    reward_cents: int = Field(sa_type=BigInt)
    distance_m: int = Field(sa_type=BigInt)
    waste_g: int = Field(sa_type=BigInt)
    water_ml: int = Field(sa_type=BigInt)
    energy_wh: int = Field(sa_type=BigInt)
    duration_s: int = Field(sa_type=BigInt)
    item_count: int = Field(sa_type=BigInt)


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


class RecordTotal(SQLModel, table=True):
    """What the public is told from the city's records, added up with the facts; one row or none."""

    __tablename__ = "record_total"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    trips: int = Field(sa_type=BigInt)
    distance_m: int = Field(sa_type=BigInt)
    operator_signed: int = Field(sa_type=BigInt)
    vouched: int = Field(sa_type=BigInt)
    held_cents: int = Field(default=0, sa_type=BigInt)  # see app.reporting.held
    holders: int = 0
    held_at: datetime | None = None


class NetShare(SQLModel, table=True):
    """How much of a kind of deed a programme takes to be its own doing, and by what source.

    Counts for deeds from a month on. Never changed: a later row for the same month replaces it.
    """

    __tablename__ = "net_share"
    __table_args__ = (
        CheckConstraint("permille between 0 and 1000", name="at_most_all"),
        CheckConstraint("length(btrim(source)) between 10 and 500", name="source_named"),
        CheckConstraint("extract(day from from_month) = 1", name="whole_months"),
        Index("ix_net_share_programme", "programme_id", "action_type_id", "from_month"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    programme_id: UUID = Field(foreign_key="programme.id")
    action_type_id: str
    permille: int
    source: str
    from_month: date
    set_at: datetime
    set_by: UUID
