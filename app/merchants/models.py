"""What you buy: merchants, payments, refunds, and the walk from a payment to the bank.

payment -> line (amount, fee) -> pay-out (period, cut-off, once) -> bank order -> confirmation;
corrections are contra-lines, never changes.
"""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import BigInt, text_enum, uuid7


class PayeeState(enum.Enum):
    PENDING = "pending"  # its registration is not final on the chain yet
    ACTIVE = "active"
    CLOSING = "closing"  # receives only what was accepted before
    CLOSED = "closed"


class Merchant(SQLModel, table=True):
    """A payee: an organisation with one address, bank details sealed under its own subject."""

    organisation_id: UUID = Field(primary_key=True, foreign_key="organisation.id")
    subject_id: UUID = Field(foreign_key="subject.id")
    address: str = Field(unique=True)
    till_number: str = Field(unique=True)  # on the sticker at the counter
    state: PayeeState = Field(sa_type=text_enum(PayeeState, "state"))
    account_holder_sealed: bytes | None = None
    iban_sealed: bytes | None = None
    fee_basis_points: int = 0
    created_at: datetime


class PaymentState(enum.Enum):
    REQUESTED = "requested"  # five minutes to accept
    ACCEPTED = "accepted"  # held, countersigned, on its way
    SETTLED = "settled"  # final on the chain
    DECLINED = "declined"
    EXPIRED = "expired"


class Payment(SQLModel, table=True):
    """One to eight orders, accepted all or none."""

    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("amount_cents <= 100000000", name="amount_bounded"),
        Index("ix_payment_merchant", "merchant_id", "created_at"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    merchant_id: UUID = Field(foreign_key="merchant.organisation_id")
    short_code: str = Field(index=True)  # both sides see it
    amount_cents: int = Field(sa_type=BigInt)
    label: str | None = None
    state: PaymentState = Field(sa_type=text_enum(PaymentState, "state"))
    reason_code: str | None = None
    created_at: datetime
    created_by: UUID | None = None
    expires_at: datetime
    payer_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    accepted_at: datetime | None = None
    settled_at: datetime | None = None


class OrderState(enum.Enum):
    ACCEPTED = "accepted"
    SETTLED = "settled"
    SKIPPED = "skipped"  # an incident: the chain would not execute it


class PaymentOrder(SQLModel, table=True):
    """The payer's signed instruction on one programme's account; `id` is its EIP-712 digest."""

    __tablename__ = "payment_order"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount_positive"),)

    id: bytes = Field(primary_key=True)
    payment_id: UUID = Field(foreign_key="payment.id", index=True)
    position: int
    programme_id: UUID = Field(foreign_key="programme.id")
    payer_address: str
    payee_address: str
    amount_cents: int = Field(sa_type=BigInt)
    requested_until: datetime
    payer_signature: bytes
    acceptor_signature: bytes
    operator_signed: bool  # the operator held the payer's key: custodial
    state: OrderState = Field(sa_type=text_enum(OrderState, "state"))
    settled_at: datetime | None = None


class Refund(SQLModel, table=True):
    """The merchant's signed return of all or part of one order; `id` is its EIP-712 digest."""

    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount_positive"),)

    id: bytes = Field(primary_key=True)
    payment_id: UUID = Field(foreign_key="payment.id", index=True)
    order_id: bytes = Field(foreign_key="payment_order.id", index=True)
    payee_address: str
    amount_cents: int = Field(sa_type=BigInt)
    nonce: bytes
    payee_signature: bytes
    acceptor_signature: bytes
    state: OrderState = Field(sa_type=text_enum(OrderState, "state"))
    created_at: datetime
    created_by: UUID | None = None
    settled_at: datetime | None = None


class PayOutState(enum.Enum):
    CLOSED = "closed"  # lines fixed, burn on its way
    BURNED = "burned"  # tokens gone, euros owed
    ORDERED = "ordered"  # in a bank file
    CONFIRMED = "confirmed"  # the bank did it
    REFUSED = "refused"  # the bank refused: sent again in a later file


class PayOut(SQLModel, table=True):
    """What one merchant is owed from one programme for one period, once."""

    __tablename__ = "pay_out"
    __table_args__ = (
        UniqueConstraint("merchant_id", "programme_id", "period"),
        CheckConstraint("net_cents = gross_cents - fee_cents", name="net"),
        CheckConstraint("net_cents >= 0", name="net_not_negative"),
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
    state: PayOutState = Field(sa_type=text_enum(PayOutState, "state"))
    bank_file_id: UUID | None = Field(default=None, foreign_key="bank_file.id")
    created_at: datetime
    burned_at: datetime | None = None
    confirmed_at: datetime | None = None


class PayOutLine(SQLModel, table=True):
    """One settled order or refund in one pay-out; contra-lines correct, nothing changes."""

    __tablename__ = "pay_out_line"
    __table_args__ = (
        Index("uq_pay_out_line_order", "order_id", unique=True, postgresql_where="kind='payment'"),
        Index("uq_pay_out_line_refund", "refund_id", unique=True, postgresql_where="kind='refund'"),
        CheckConstraint("(kind = 'payment') <= (order_id is not null)", name="payment_order"),
        CheckConstraint("(kind = 'refund') <= (refund_id is not null)", name="refund"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    pay_out_id: UUID = Field(foreign_key="pay_out.id", index=True)
    kind: str  # payment | refund | contra
    order_id: bytes | None = Field(default=None, foreign_key="payment_order.id")
    refund_id: bytes | None = Field(default=None, foreign_key="refund.id")
    amount_cents: int = Field(sa_type=BigInt)  # negative for refunds
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
