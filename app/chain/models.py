"""What the indexer read: blocks, raw logs and its cursors. Everything else is a projection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from app.db import BigInt, Json


class ChainBlock(SQLModel, table=True):
    """Every block above the final cursor, the one it stands on, and below it those with logs of
    ours: what is final is the same rows, however it was read."""

    __tablename__ = "chain_block"

    hash: bytes = Field(primary_key=True)
    number: int = Field(sa_type=BigInt, unique=True)
    parent_hash: bytes
    block_time: datetime


class ChainLog(SQLModel, table=True):
    """A raw log and its decoded event. One in quarantine is kept and tells nobody anything."""

    __tablename__ = "chain_log"

    block_hash: bytes = Field(primary_key=True, foreign_key="chain_block.hash")
    log_index: int = Field(primary_key=True)
    block_number: int = Field(sa_type=BigInt, index=True)
    transaction_hash: bytes
    address: str
    topics: list[str] = Field(sa_type=Json)
    data: bytes
    event: str | None = Field(default=None, index=True)
    arguments: dict[str, Any] | None = Field(default=None, sa_type=Json)
    quarantined: str | None = None  # why: see finals.py


class ChainCursor(SQLModel, table=True):
    """How far was read: `seen` follows the head, `final` moves money."""

    __tablename__ = "chain_cursor"

    name: str = Field(primary_key=True)  # seen | final
    number: int = Field(sa_type=BigInt)
    hash: bytes
    genesis_hash: bytes
