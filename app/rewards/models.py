"""What you get: programmes, their rules and money, batches, and the ledger of every account.

The ledger is written by the indexer from chain events alone; a hold is our own promise on top.
Available = final balance - open holds, and never goes below zero.
"""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import BigInt, Json, text_enum, uuid7
from app.rewards.money.transfer_models import Funding
from app.rewards.valuing.counter_models import Evaluation, EvaluationKind, RewardCounter

__all__ = [
    "Balance",
    "Batch",
    "BatchState",
    "CellPublication",
    "Evaluation",
    "EvaluationKind",
    "Funding",
    "Hold",
    "LedgerEntry",
    "Programme",
    "ProgrammeState",
    "RewardCounter",
    "RuleSet",
]

_ZERO = {"server_default": "0"}


class ProgrammeState(enum.Enum):
    """What may follow what stands in app.rewards.life."""

    DRAFT = "draft"  # two officers decided it; on its way to the chain
    PUBLISHED = "published"  # token and rule set's hash are on the chain; waits for its first day
    RUNNING = "running"
    PAUSED = "paused"  # nothing is recorded; what was accepted is credited and paid
    CLOSING = "closing"  # its last day to spend is over: open ends are settled, nothing is accepted
    CLOSED = "closed"  # what nobody spent has expired, on the chain; shops are paid out, the rest
    # goes back to the funder
    ARCHIVED = "archived"  # every cent is accounted for; nothing follows


class Programme(SQLModel, table=True):
    """A funded season of a scheme, with its own token contract. Times in seconds, cents."""

    __table_args__ = (
        CheckConstraint("last_day_to_spend >= last_day_to_earn", name="spend_after_earn"),
        CheckConstraint("first_day <= last_day_to_earn", name="earn_after_start"),
        CheckConstraint("budget_cents > 0", name="budget_positive"),
        CheckConstraint(
            "close_decided_at is null or end_announced_at is not null", name="announced_first"
        ),
        CheckConstraint("slug ~ '^[a-z0-9-]{3,40}$'", name="slug_short"),
        CheckConstraint("token_symbol ~ '^[A-Z]{2,8}$'", name="symbol_short"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    chain_id: bytes = Field(unique=True)  # bytes32: the programme's id in the contracts
    slug: str = Field(unique=True)
    name: dict[str, str] = Field(sa_type=Json)  # by language
    token_symbol: str
    token_address: str | None = None  # null until its creation is final
    state: ProgrammeState = Field(sa_type=text_enum(ProgrammeState, "state"))
    time_zone: str = "Europe/Paris"
    first_day: date
    last_day_to_earn: date
    last_day_to_spend: date
    budget_cents: int | None = Field(default=None, sa_type=BigInt)  # funded up to this; null: any
    budget_warned_cents: int | None = Field(default=None, sa_type=BigInt)  # funded when warned last
    short_timetable: bool = False  # the demo's, and labelled so
    undo_seconds: int = 600
    delay_attested_seconds: int = 3600
    delay_evidenced_seconds: int = 172_800
    period_seconds: int = 604_800
    batch_min_accounts: int = 10
    batch_max_age_seconds: int = 86_400
    created_at: datetime
    created_by: UUID | None = None
    end_announced_at: datetime | None = None  # by two officers; an end that isn't doesn't come
    close_decided_at: datetime | None = None  # by two officers; the chain closes it
    closed_at: datetime | None = None  # by the chain's clock


class RuleSet(SQLModel, table=True):
    """A version of a programme's reward rules; its hash is on the chain."""

    __tablename__ = "rule_set"
    __table_args__ = (
        CheckConstraint("confirmed_by is null or confirmed_by <> created_by", name="two"),
    )

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.id")
    version: int = Field(primary_key=True)
    rules: dict[str, Any] = Field(sa_type=Json)
    hash: bytes
    # What it relied on outside itself when it was published: kind, name, version, hash
    outside: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    valid_from: datetime
    created_at: datetime
    created_by: UUID | None = None  # null: by the installation itself
    confirmed_by: UUID | None = None


class BatchState(enum.Enum):
    FROZEN = "frozen"  # content fixed, outbox row written
    FINAL = "final"  # on the chain for good
    FAILED = "failed"  # reverted for good: to be cancelled and cut again
    CANCELLED = "cancelled"


class Batch(SQLModel, table=True):
    """The credits of one programme settled in one transaction; content is frozen with its id."""

    __table_args__ = (
        CheckConstraint("action_count > 0", name="not_empty"),
        Index("ix_batch_lost", "programme_id", postgresql_where="lost_actions > 0"),
        Index("ix_batch_frozen", "sequence", postgresql_where="state = 'frozen'"),
    )

    id: bytes = Field(primary_key=True)  # keccak(programme, root, count, credits)
    programme_id: UUID = Field(foreign_key="programme.id", index=True)
    sequence: int | None = Field(default=None, unique=True)  # the expected count; null: failed
    root: bytes
    action_count: int
    # In its list, and in no books since a restore:
    lost_actions: int = Field(default=0, sa_column_kwargs=_ZERO)
    lost_marks: list[str] | None = Field(default=None, sa_type=Json)  # see batches.marks
    reward_cents: int = Field(sa_type=BigInt)
    credits: list[list[Any]] = Field(sa_type=Json)  # [[address, cents], ...] sorted by address
    artefact: str  # where the action list lies, outside the database
    state: BatchState = Field(sa_type=text_enum(BatchState, "state"))
    created_at: datetime
    final_at: datetime | None = None
    block_number: int | None = None


class LedgerEntry(SQLModel, table=True):
    """One side of one chain event on one account; negative lowers the account."""

    __tablename__ = "ledger_entry"
    __table_args__ = (Index("ix_ledger_entry_address", "address", "block_number"),)

    block_hash: bytes = Field(primary_key=True)
    log_index: int = Field(primary_key=True)
    side: int = Field(primary_key=True)  # 0 from, 1 to
    block_number: int = Field(sa_type=BigInt, index=True)
    block_time: datetime
    programme_chain_id: bytes
    address: str
    kind: str  # credit | payment | refund | pay_out | give_back | move | expiry
    amount_cents: int = Field(sa_type=BigInt)
    reference: bytes | None = None  # batch id, order id, refund id, pay-out reference


class Balance(SQLModel, table=True):
    """Projection of the ledger; `final` counts final blocks only. A payee has one address in all.

    A citizen's address is of one programme, a payee's row is one of several.
    """

    __table_args__ = (CheckConstraint("final_cents >= 0", name="final_not_negative"),)

    address: str = Field(primary_key=True)
    programme_chain_id: bytes = Field(primary_key=True, index=True)
    final_cents: int = Field(default=0, sa_type=BigInt)


class Hold(SQLModel, table=True):
    """Promised and not yet settled; it ends only by settlement (or an upheld contest)."""

    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        UniqueConstraint("address", "reason", "reference"),
        Index("ix_hold_open", "address", postgresql_where="ended_at is null"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    address: str
    programme_id: UUID = Field(foreign_key="programme.id")
    amount_cents: int = Field(sa_type=BigInt)
    reason: str  # payment | refund | pay_out | move | forward
    reference: bytes
    created_at: datetime
    ended_at: datetime | None = None


class CellPublication(SQLModel, table=True):
    """The cells of one programme and period as sent to the chain, with what is kept back."""

    __tablename__ = "cell_publication"

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.id")
    period: int = Field(primary_key=True)
    sum_root: bytes
    cells: list[dict[str, Any]] = Field(sa_type=Json)
    kept_back_actions: int
    kept_back_reward_cents: int = Field(sa_type=BigInt)
    created_at: datetime
    final_at: datetime | None = None
    failed_at: datetime | None = None  # the chain refused it: counts for nothing
    # Counted by the cells, and in no books since a restore:
    lost_actions: int = Field(default=0, sa_column_kwargs=_ZERO)
    lost_reward_cents: int = Field(default=0, sa_type=BigInt, sa_column_kwargs=_ZERO)
    # See app.rewards.valuing.vouched; both null where the period is counted with a later one.
    vouched: int | None = None
    operator_signed: int | None = None
