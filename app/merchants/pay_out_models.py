"""The walk from a settled order to the bank, row by row.

order -> line (amount, fee) -> pay-out (period, cut-off, once) -> bank order -> file; corrections
are contra-lines, never changes. Amounts in cents; a refund's line is negative.
"""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import BigInt, Json, text_enum, uuid7


class PayOutState(enum.Enum):
    CLOSED = "closed"  # lines fixed, burn on its way
    BURNED = "burned"  # tokens gone, euros owed
    ORDERED = "ordered"  # in a bank file
    CONFIRMED = "confirmed"  # the bank did it
    REFUSED = "refused"  # the bank refused: sent again in the next file


class PayOut(SQLModel, table=True):
    """What one merchant is owed from one programme for one period, once."""

    __tablename__ = "pay_out"
    __table_args__ = (
        UniqueConstraint("merchant_id", "programme_id", "period"),
        CheckConstraint("net_cents = gross_cents - fee_cents", name="net"),
        CheckConstraint("net_cents >= 0", name="net_not_negative"),
        CheckConstraint("gross_cents > 0", name="gross_positive"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    merchant_id: UUID = Field(foreign_key="merchant.organisation_id", index=True)
    programme_id: UUID = Field(foreign_key="programme.id")
    period: str
    cut_off: datetime
    reference: bytes = Field(unique=True)
    gross_cents: int = Field(sa_type=BigInt)
    fee_cents: int = Field(sa_type=BigInt)
    net_cents: int = Field(sa_type=BigInt)
    state: PayOutState = Field(sa_type=text_enum(PayOutState, "state"), index=True)
    created_at: datetime
    burned_at: datetime | None = None
    # Of orders and refunds that no book knows since a restore:
    lost_lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    confirmed_at: datetime | None = None


class FeeCorrection(SQLModel, table=True):
    """A fee found wrong after its pay-out closed: becomes a contra-line of the next one."""

    __tablename__ = "fee_correction"
    __table_args__ = (
        CheckConstraint("fee_cents <> 0", name="not_zero"),
        CheckConstraint("confirmed_by is null or confirmed_by <> proposed_by", name="two"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    line_id: UUID = Field(foreign_key="pay_out_line.id", index=True)  # what it corrects
    fee_cents: int = Field(sa_type=BigInt)  # negative: the merchant was charged too much
    reason: str
    proposed_by: UUID
    proposed_at: datetime
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None


class PayOutLine(SQLModel, table=True):
    """One settled order, refund or correction in one pay-out; nothing changes afterwards."""

    __tablename__ = "pay_out_line"
    __table_args__ = (
        Index("uq_pay_out_line_order", "order_id", unique=True, postgresql_where="kind='payment'"),
        Index("uq_pay_out_line_refund", "refund_id", unique=True, postgresql_where="kind='refund'"),
        Index("uq_pay_out_line_contra", "corrects", unique=True, postgresql_where="kind='contra'"),
        CheckConstraint("kind in ('payment', 'refund', 'contra')", name="kind"),
        CheckConstraint("(kind = 'payment') <= (order_id is not null)", name="payment_order"),
        CheckConstraint("(kind = 'refund') <= (refund_id is not null)", name="refund"),
        CheckConstraint(
            "kind <> 'contra' or (corrects is not null and reason is not null)", name="contra"
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    pay_out_id: UUID = Field(foreign_key="pay_out.id", index=True)
    kind: str
    order_id: bytes | None = Field(default=None, foreign_key="payment_order.id")
    refund_id: bytes | None = Field(default=None, foreign_key="refund.id")
    corrects: UUID | None = None  # a fee_correction's id
    amount_cents: int = Field(sa_type=BigInt)
    fee_cents: int = Field(default=0, sa_type=BigInt)
    reason: str | None = None


class BankFile(SQLModel, table=True):
    """A SEPA credit transfer file (pain.001): made once, sealed, downloaded by a treasurer."""

    __tablename__ = "bank_file"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    message_id: str = Field(unique=True)
    subject_id: UUID = Field(foreign_key="subject.id")
    xml_sealed: bytes
    total_cents: int = Field(sa_type=BigInt)
    transfers: int
    created_at: datetime
    created_by: UUID | None = None


class BankOrderState(enum.Enum):
    ORDERED = "ordered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"  # the pay-out goes into the next file


class BankOrder(SQLModel, table=True):
    """One transfer of one file; a pay-out has at most one that is not refused."""

    __tablename__ = "bank_order"
    __table_args__ = (
        Index(
            "uq_bank_order_live", "pay_out_id", unique=True, postgresql_where="state <> 'refused'"
        ),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("(state = 'ordered') = (decided_at is null)", name="decided"),
        CheckConstraint("(state = 'refused') = (reason is not null)", name="refusal_reason"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    bank_file_id: UUID = Field(foreign_key="bank_file.id", index=True)
    pay_out_id: UUID = Field(foreign_key="pay_out.id", index=True)
    end_to_end_id: str = Field(unique=True)  # on the merchant's bank statement
    amount_cents: int = Field(sa_type=BigInt)
    state: BankOrderState = Field(sa_type=text_enum(BankOrderState, "state"))
    reason: str | None = None
    decided_at: datetime | None = None
    decided_by: UUID | None = None
