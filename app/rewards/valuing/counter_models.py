"""What was promised: counters that limits and budgets look at, and each evaluation as it was."""

from __future__ import annotations

import enum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Identity, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import BigInt, Json, text_enum


class RewardCounter(SQLModel, table=True):
    """What was promised in a span, to whom or by whom: limits, ceilings and the budget look here.

    The budget's rows are its slices, `granted_cents` what each may promise, and their pool, which
    holds the sum of that. What one slice promised another may take back, so theirs may be negative.
    So may a limit's, where rules let amounts be so, and what somebody owes (`valuing.owed`).
    """

    __tablename__ = "reward_counter"
    __table_args__ = (
        CheckConstraint(
            "cents >= 0 or split_part(scope, ':', 1) not in ('organisation', 'device')",
            name="not_negative",
        ),
        CheckConstraint("actions >= 0", name="actions_not_negative"),
        CheckConstraint("(granted_cents is not null) <= (scope = 'budget')", name="slices"),
        CheckConstraint("cents <= granted_cents", name="within_slice"),
    )

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.id")
    scope: str = Field(primary_key=True)  # person:<id> | pair:<id>+<id> | ... | programme | budget
    span: str = Field(primary_key=True)  # <counter>:2026-11 | day:2026-11-23 | slice:03 | pool
    cents: int = Field(default=0, sa_type=BigInt)
    actions: int = 0  # or seats, where a limit counts those
    granted_cents: int | None = Field(default=None, sa_type=BigInt)


class EvaluationKind(enum.Enum):
    VALUED = "valued"
    RETURNED = "returned"  # a correction: frees room for later evaluations


class Evaluation(SQLModel, table=True):
    """What a deed was promised, with all that decided it, or that it was taken back.

    `number` is drawn while the counters are held, so that it tells the order in which evaluations
    saw each other. It says nothing of who: that is in the deed.
    """

    __table_args__ = (
        CheckConstraint("cents >= 0", name="credit_not_negative"),
        CheckConstraint("amount_cents <= greatest(worth_cents, 0)", name="no_more_than_worth"),
        CheckConstraint("(kind = 'returned') = (of_number is not null)", name="returned_of"),
        UniqueConstraint("of_number"),
    )

    number: int = Field(primary_key=True, sa_type=BigInt, sa_column_args=[Identity(always=True)])
    programme_id: UUID = Field(foreign_key="programme.id", index=True)
    action_id: UUID = Field(
        sa_column=Column(
            ForeignKey("action.id", deferrable=True, initially="DEFERRED"),
            index=True,
            nullable=False,
        )
    )
    kind: EvaluationKind = Field(sa_type=text_enum(EvaluationKind, "kind"))
    of_number: int | None = Field(default=None, sa_type=BigInt)  # which one is taken back
    rule_set_version: int | None = None
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)  # what the rules looked at
    # [kind, name, version] of each that the rules name and don't hold
    outside: list[list[Any]] = Field(default_factory=list, sa_type=Json)
    left_cents: int = Field(sa_type=BigInt)  # what the budget had for it
    worth_cents: int = Field(sa_type=BigInt)  # by itself
    amount_cents: int = Field(sa_type=BigInt)  # what the limits left
    cents: int = Field(sa_type=BigInt)  # what is credited of it: see app.rewards.valuing.owed
    cut_by: list[str] = Field(default_factory=list, sa_type=Json)  # limits that cut or refused
    # [name, whose kind, what it counts, period, before, raised by] of each counter
    counters: list[list[Any]] = Field(default_factory=list, sa_type=Json)
