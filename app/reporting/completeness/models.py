"""Proofs that the indexer missed nothing, as they were taken."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.db import BigInt, uuid7


class CompletenessProof(SQLModel, table=True):
    """Our books beside the chain at a final block. `at`: when its taking began."""

    __tablename__ = "completeness_proof"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    at: datetime = Field(index=True)
    block_number: int = Field(sa_type=BigInt)
    block_hash: bytes
    whole: bool  # every account; else those that moved since the proof before
    holds: bool
    accounts: int  # compared one by one
    difference: str | None = None  # the first, in words
    artefact: str  # the file in the artefact store
    sha256: bytes  # of its content
