"""Merchants, what they are paid, and what they give back. Amounts in cents."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import BigInt, text_enum, uuid7
from app.identity.models import KeyCustody


class PayeeState(enum.Enum):
    PROPOSED = "proposed"  # one officer entered it, another must confirm
    PENDING = "pending"  # its registration is not final on the chain yet
    ACTIVE = "active"
    CLOSING = "closing"  # receives only what was accepted before
    CLOSED = "closed"


class Merchant(SQLModel, table=True):
    """A payee: an organisation with one address; `subject_id` seals its bank details."""

    __table_args__ = (
        CheckConstraint("fee_basis_points between 0 and 1000", name="fee_bounded"),
        CheckConstraint("confirmed_by is null or confirmed_by <> proposed_by", name="two"),
        CheckConstraint("(state = 'proposed') = (confirmed_at is null)", name="confirmed"),
    )

    organisation_id: UUID = Field(primary_key=True, foreign_key="organisation.id")
    subject_id: UUID = Field(foreign_key="subject.id")
    address: str = Field(unique=True)
    custody: KeyCustody = Field(sa_type=text_enum(KeyCustody, "custody"))  # of the payee's key
    till_number: str = Field(unique=True)  # on the sticker at the counter
    state: PayeeState = Field(sa_type=text_enum(PayeeState, "state"))
    fee_basis_points: int = 0
    created_at: datetime
    proposed_by: UUID | None = None  # null: by the installation itself
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None


class MerchantProgramme(SQLModel, table=True):
    """A merchant takes a programme's tokens."""

    __tablename__ = "merchant_programme"

    merchant_id: UUID = Field(primary_key=True, foreign_key="merchant.organisation_id")
    programme_id: UUID = Field(primary_key=True, foreign_key="programme.id", index=True)
    since: datetime
    by: UUID | None = None


class BankDetails(SQLModel, table=True):
    """Where a merchant's euros go: the latest confirmed row counts, the others are its history.

    `doubted_at`: another account was confirmed after it, and a restore has forgotten that one.
    Nothing is paid until an account is confirmed anew.
    """

    __tablename__ = "bank_details"
    __table_args__ = (
        CheckConstraint("confirmed_by is null or confirmed_by <> proposed_by", name="two"),
        Index("ix_bank_details_current", "merchant_id", "confirmed_at"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    merchant_id: UUID = Field(foreign_key="merchant.organisation_id")
    account_holder_sealed: bytes
    iban_sealed: bytes
    proposed_by: UUID | None = None
    proposed_at: datetime
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None
    doubted_at: datetime | None = None


class PaymentState(enum.Enum):
    REQUESTED = "requested"  # five minutes to accept
    ACCEPTED = "accepted"  # held, countersigned, on its way
    SETTLED = "settled"  # final on the chain
    DECLINED = "declined"
    EXPIRED = "expired"


class Payment(SQLModel, table=True):
    """One to eight orders, accepted all or none; `payer_id` before acceptance: only they may."""

    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("amount_cents <= 100000000", name="amount_bounded"),
        CheckConstraint("length(label) between 1 and 80", name="label_length"),
        CheckConstraint(
            "(accepted_at is not null) = (state in ('accepted', 'settled'))", name="accepted"
        ),
        CheckConstraint("accepted_at is null or payer_id is not null", name="payer_known"),
        CheckConstraint("contestable_until is null or accepted_at is not null", name="contest"),
        CheckConstraint("(settled_at is not null) = (state = 'settled')", name="settled"),
        Index("ix_payment_merchant", "merchant_id", "created_at"),
        Index(
            "uq_payment_open_code", "short_code", unique=True, postgresql_where="state='requested'"
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    merchant_id: UUID = Field(foreign_key="merchant.organisation_id")
    short_code: str = Field(index=True)  # both sides see it
    amount_cents: int = Field(sa_type=BigInt)
    label: str | None = None
    state: PaymentState = Field(sa_type=text_enum(PaymentState, "state"))
    reason_code: str | None = None
    fee_basis_points: int  # of the day of the request
    created_at: datetime
    created_by: UUID | None = None  # of the shop's staff; null: the payer started it at the till
    expires_at: datetime
    payer_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    accepted_at: datetime | None = None
    settled_at: datetime | None = None
    contestable_until: datetime | None = None  # of a payment by card; null: it can't be contested
    mandate_id: UUID | None = Field(
        default=None, foreign_key="mandate.id", index=True
    )  # a representative accepted it


class OrderState(enum.Enum):
    ACCEPTED = "accepted"  # on its way for as long as that takes, also when the chain skipped it
    SETTLED = "settled"


class PaymentOrder(SQLModel, table=True):
    """The payer's signed instruction on one programme's account; `id` is its EIP-712 digest."""

    __tablename__ = "payment_order"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("(settled_at is not null) = (state = 'settled')", name="settled"),
        UniqueConstraint("payment_id", "position"),
        Index("ix_payment_order_payee", "payee_address", "programme_id", "state"),
    )

    id: bytes = Field(primary_key=True)
    payment_id: UUID = Field(foreign_key="payment.id")
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

    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("(settled_at is not null) = (state = 'settled')", name="settled"),
    )

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
