"""What must reach the chain: outbox rows, the transactions that carry them, and job leases.

An outbox row is written in the database transaction whose state it announces. The next nonce
comes from the rows of `chain_transaction`, never from a counter.
"""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import BigInt, Json, text_enum, uuid7


class OutboxState(enum.Enum):
    WAITING = "waiting"
    SENT = "sent"  # a transaction carries it
    FINAL = "final"
    FAILED = "failed"  # reverted for good: the owner of its kind decides
    HELD = "held"  # an operator must look


class OutboxItem(SQLModel, table=True):
    """One call that must be made once. `key` is its natural key: written twice is refused."""

    __tablename__ = "outbox_item"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        Index(
            "ix_outbox_item_open", "signer", "id", postgresql_where="state in ('waiting', 'held')"
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    kind: str  # commit_batch | publish_cells | settle_orders | ... : see app/outbox/kinds.py
    key: str
    signer: str  # the chain role whose key sends it: minter | settler | ...
    payload: dict[str, Any] = Field(sa_type=Json)
    state: OutboxState = Field(sa_type=text_enum(OutboxState, "state"))
    created_at: datetime
    not_before: datetime | None = None
    waits_until: datetime | None = None  # where the chain said how long it refuses
    attempts: int = 0
    last_error: str | None = None
    skipped: bool = False  # what was refused is this row alone, in a call that went through
    transaction_id: UUID | None = Field(
        default=None, foreign_key="chain_transaction.id", index=True
    )  # the latest that carries it; several items can share one
    final_at: datetime | None = None


class TransactionState(enum.Enum):
    PREPARED = "prepared"  # signed and stored, not known to any node
    BROADCAST = "broadcast"  # a node took it
    MINED = "mined"
    FINAL = "final"
    FAILED = "failed"  # mined and reverted, final
    REPLACED = "replaced"  # another one took its nonce, final: the filler, or somebody else's


class ChainTransaction(SQLModel, table=True):
    """Stored before it is sent: the same bytes are all that is ever sent again.

    A nonce whose bytes no node takes is *filled*: from then on the filler, which does nothing, is
    sent in their place. Either of both may be mined, and the row knows both hashes.
    """

    __tablename__ = "chain_transaction"
    __table_args__ = (
        UniqueConstraint("signer_address", "chain_id", "nonce"),
        Index(
            "ix_chain_transaction_unfinished",
            "id",
            postgresql_where="state in ('prepared', 'broadcast', 'mined')",
        ),
        Index("ix_chain_transaction_signer", "signer", "id"),
        CheckConstraint(
            "(filler_raw is null) = (filler_hash is null)"
            " and (filler_hash is null or abandoned is not null)",
            name="filled_wholly",
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    kind: str  # of the items it carries
    signer: str
    signer_address: str
    chain_id: int = Field(sa_type=BigInt)
    nonce: int = Field(sa_type=BigInt)
    raw: bytes
    hash: bytes = Field(unique=True)
    state: TransactionState = Field(sa_type=text_enum(TransactionState, "state"))
    signed_at: datetime
    broadcast_at: datetime | None = None
    mined_at: datetime | None = None
    final_at: datetime | None = None
    block_number: int | None = Field(default=None, sa_type=BigInt)
    block_hash: bytes | None = None
    gas_used: int | None = Field(default=None, sa_type=BigInt)
    error: str | None = None
    filler_raw: bytes | None = None
    filler_hash: bytes | None = Field(default=None, unique=True)
    abandoned: str | None = None  # why it is filled


class KeyPause(SQLModel, table=True):
    """A signer that sends nothing new and nothing again until somebody lets it go on."""

    __tablename__ = "key_pause"

    signer: str = Field(primary_key=True)
    at: datetime
    reason: str  # and by whom: a system user's name, or Civis itself


class ChainNode(SQLModel, table=True):
    """What the watch saw of a node last. `label` is host and port, never a password."""

    __tablename__ = "chain_node"

    label: str = Field(primary_key=True)
    head_number: int | None = Field(default=None, sa_type=BigInt)
    head_hash: bytes | None = None
    head_time: datetime | None = None
    answered_at: datetime | None = None
    advanced_at: datetime | None = None  # when its head was last seen to grow
    low_since: datetime | None = None  # below what we have seen already
    trouble: str | None = None


class Lease(SQLModel, table=True):
    """Keeps a job single: who holds it, until when, and a fencing number that only grows."""

    name: str = Field(primary_key=True)
    holder: str
    fencing: int = Field(sa_type=BigInt)
    until: datetime
    last_success_at: datetime | None = None


class Incident(SQLModel, table=True):
    """Something that must never be normal; shown to the operator until acknowledged."""

    __table_args__ = (
        Index("ix_incident_open", "code", postgresql_where="acknowledged_at is null"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    at: datetime
    code: str
    detail: str
    reference: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: UUID | None = None
