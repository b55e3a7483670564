"""What you did: actions, the statements behind them, appeals, and what partners bring.

An action's state is a pure function of its three tracks and of settlement; every change of it
is a row in `action_log`.
"""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.actions import told
from app.actions.device_models import Device
from app.actions.import_models import (
    ImportedTrip,
    ImportJob,
    ImportResult,
    PartnerDaySum,
    RiderLink,
    RiderLinkCode,
)
from app.db import BigInt, Json, text_enum, uuid7
from app.identity.models import KeyCustody

__all__ = [
    "Action",
    "ActionLog",
    "ActionState",
    "Appeal",
    "Attestation",
    "AttesterKey",
    "Channel",
    "Device",
    "ImportJob",
    "ImportResult",
    "ImportedTrip",
    "PartnerDaySum",
    "ProofLevel",
    "RiderLink",
    "RiderLinkCode",
    "Track",
    "Visit",
]


class ActionState(enum.Enum):
    RECORDED = "recorded"  # becomes authenticated, refused, expired or withdrawn
    AUTHENTICATED = "authenticated"  # waits for its delay, then is batched
    BATCHED = "batched"  # frozen in a batch, on its way to the chain
    SETTLED = "settled"  # its batch is final on the chain
    REFUSED = "refused"  # with a reason; the citizen may appeal
    EXPIRED = "expired"  # nobody vouched in time
    WITHDRAWN = "withdrawn"  # by who entered it, before batching
    REVERSED = "reversed"  # after settlement, with a reason
    QUARANTINED = "quarantined"  # the chain refused this item


class ProofLevel(enum.Enum):
    DECLARED = "declared"
    EVIDENCED = "evidenced"
    ATTESTED = "attested"
    MEASURED = "measured"
    CORROBORATED = "corroborated"


class Track(enum.Enum):
    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"


class Channel(enum.Enum):
    CITIZEN = "citizen"
    ATTESTER = "attester"
    PARTNER = "partner"
    DEVICE = "device"


class AttesterKey(SQLModel, table=True):
    """A clerk's key, certified off the chain by the organisation's key that the chain knows."""

    __tablename__ = "attester_key"

    address: str = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    custody: KeyCustody = Field(sa_type=text_enum(KeyCustody, "custody"))
    scope: list[str] = Field(default_factory=list, sa_type=Json)  # action types; empty: all
    scope_hash: bytes
    certificate_signature: bytes | None = None  # null: asked for, not yet certified
    certified_by_address: str | None = None
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None = None
    revoked_for_cause: bool = False
    created_at: datetime


class Attestation(SQLModel, table=True):
    """A signed statement, kept exactly as signed; `digest` is its EIP-712 digest."""

    digest: bytes = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    signer_address: str
    custody: KeyCustody = Field(sa_type=text_enum(KeyCustody, "custody"))
    kind: str  # attestation | import | measurement
    statement: dict[str, Any] = Field(sa_type=Json)
    signature: bytes
    received_at: datetime


class Visit(SQLModel, table=True):
    """A citizen stood before a clerk: `subject` is all that the clerk's statement says of them.

    It is a commitment under the citizen's salt key, so erasing that key erases the link.
    """

    __tablename__ = "visit"

    subject: bytes = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    clerk_id: UUID = Field(foreign_key="person.id")
    programme_id: UUID = Field(foreign_key="programme.id")
    created_at: datetime
    expires_at: datetime


class Action(SQLModel, table=True):
    """One recorded deed. `quantity` is in the type's smallest unit; metrics by metric name."""

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("reward_cents >= 0", name="reward_not_negative"),
        CheckConstraint("(state = 'refused') <= (reason_code is not null)", name="refusal_reason"),
        CheckConstraint(
            "(batch_id is null) = (leaf is null) and (leaf is null) = (leaf_index is null)",
            name="batched_together",
        ),
        CheckConstraint(
            "state not in ('batched', 'settled', 'reversed') or batch_id is not null",
            name="settled_in_batch",
        ),
        CheckConstraint(
            f"told - cast(array{list(told.NAMES)} as text[]) = cast('{{}}' as jsonb)", name="told"
        ),
        UniqueConstraint("organisation_id", "external_hash"),
        UniqueConstraint("batch_id", "leaf_index"),
        Index("ix_action_due", "programme_id", "due_at", postgresql_where="state='authenticated'"),
        Index("ix_action_person", "person_id", "recorded_at"),
        Index("ix_action_other", "other_id", postgresql_where=text("other_id is not null")),
        Index("ix_action_organisation_day", "organisation_id", "recorded_at"),
        Index(
            "ix_action_device_waiting",
            "device_id",
            postgresql_where=text("device_id is not null and state = 'recorded'"),
        ),
        Index("ix_action_cell", "programme_id", "published_period"),
        Index(
            "uq_action_deed",  # P2: one deed of one kind in a minute, whoever brings it
            "person_id",
            "action_type_id",
            text("(date_trunc('minute', deed_at at time zone 'UTC'))"),
            unique=True,
            postgresql_where=text("state not in ('refused', 'expired', 'withdrawn')"),
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    programme_id: UUID = Field(foreign_key="programme.id")
    person_id: UUID = Field(foreign_key="person.id")
    account_address: str
    channel: Channel = Field(sa_type=text_enum(Channel, "channel"))
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    entered_by: UUID | None = None
    device_id: UUID | None = Field(default=None, foreign_key="device.id")
    external_hash: bytes | None = None  # keyed hash of the partner's trip id
    action_type_id: str
    action_type_version: int
    quantity: int = Field(sa_type=BigInt)
    metrics: dict[str, int] = Field(sa_type=Json)
    deed_at: datetime
    deed_until: datetime | None = None
    deed_day: date
    district: str | None = None
    recorded_at: datetime
    told: dict[str, Any] = Field(default_factory=dict, sa_type=Json)  # see app.actions.told
    other_id: UUID | None = Field(default=None, foreign_key="person.id")  # who shared it
    note_sealed: bytes | None = None
    proof_level: ProofLevel = Field(sa_type=text_enum(ProofLevel, "proof_level"))
    recording_track: Track = Field(sa_type=text_enum(Track, "recording_track"))
    anomaly_track: Track = Field(sa_type=text_enum(Track, "anomaly_track"))
    fraud_track: Track = Field(sa_type=text_enum(Track, "fraud_track"))
    state: ActionState = Field(sa_type=text_enum(ActionState, "state"))
    reason_code: str | None = None
    reason_values: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    attestation_digest: bytes | None = Field(default=None, foreign_key="attestation.digest")
    rule_set_version: int | None = None
    reward_cents: int = Field(default=0, sa_type=BigInt)
    explanation: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    undo_until: datetime | None = None
    due_at: datetime | None = None  # credited not before
    batch_id: bytes | None = Field(default=None, foreign_key="batch.id", index=True)
    leaf: bytes | None = None
    leaf_index: int | None = None
    published_period: int | None = None  # the period whose cells count it
    reversed_at: datetime | None = None
    reversal_published_period: int | None = None


class ActionLog(SQLModel, table=True):
    """Every change of state: before, after, why, by whom."""

    __tablename__ = "action_log"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    action_id: UUID = Field(foreign_key="action.id", index=True)
    at: datetime
    before: str | None
    after: str
    reason: str | None = None
    by_person: UUID | None = None  # null: by the system


class Appeal(SQLModel, table=True):
    """A citizen's objection to a refusal; a person answers it."""

    __table_args__ = (
        CheckConstraint("(answered_at is null) = (answered_by is null)", name="answered"),
        CheckConstraint("(answered_at is null) = (upheld is null)", name="decided"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    action_id: UUID = Field(foreign_key="action.id", unique=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    text_sealed: bytes
    created_at: datetime
    upheld: bool | None = None
    answer_sealed: bytes | None = None
    answered_by: UUID | None = None
    answered_at: datetime | None = None
