"""What you did: actions, the statements behind them, appeals, and what partners bring.

An action's state is a pure function of its three tracks and of settlement; every change of it
is a row in `action_log`.
"""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db import BigInt, Json, text_enum, uuid7
from app.identity.models import KeyCustody


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


class AttesterKey(SQLModel, table=True):
    """A clerk's key, certified off the chain by the organisation's key that the chain knows."""

    __tablename__ = "attester_key"

    address: str = Field(primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    custody: KeyCustody = Field(sa_type=text_enum(KeyCustody, "custody"))
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
    kind: str  # attestation | import
    statement: dict[str, Any] = Field(sa_type=Json)
    signature: bytes
    received_at: datetime


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
        UniqueConstraint("organisation_id", "external_hash"),
        UniqueConstraint("batch_id", "leaf_index"),
        Index("ix_action_due", "programme_id", "due_at", postgresql_where="state='authenticated'"),
        Index("ix_action_person", "person_id", "recorded_at"),
        Index("ix_action_organisation_day", "organisation_id", "recorded_at"),
        Index("ix_action_cell", "programme_id", "published_period"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    programme_id: UUID = Field(foreign_key="programme.id")
    person_id: UUID = Field(foreign_key="person.id")
    account_address: str
    channel: Channel = Field(sa_type=text_enum(Channel, "channel"))
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    entered_by: UUID | None = None
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


class ImportJob(SQLModel, table=True):
    """A partner's file: stored first, committed in chunks, deleted when done."""

    __tablename__ = "import_job"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True)
    programme_id: UUID = Field(foreign_key="programme.id")
    created_by: UUID | None = None
    created_at: datetime
    finished_at: datetime | None = None
    state: str  # waiting | running | done | failed
    stored_as: str | None = None
    options: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    statement_digest: bytes | None = Field(default=None, foreign_key="attestation.digest")
    rows_total: int | None = None
    rows_done: int = 0
    counts: dict[str, int] = Field(default_factory=dict, sa_type=Json)
    error: str | None = None


class ImportResult(SQLModel, table=True):
    """What became of each row of a job, in order; without anything of the row itself."""

    __tablename__ = "import_result"

    job_id: UUID = Field(primary_key=True, foreign_key="import_job.id")
    row_number: int = Field(primary_key=True)
    result: str  # accepted | unchanged | replaced | unlinked | refused | conflict | summed
    reason_code: str | None = None
    action_id: UUID | None = None


class ImportedTrip(SQLModel, table=True):
    """A trip once seen: keyed hash of partner and trip id, keyed hash of its content."""

    __tablename__ = "imported_trip"

    organisation_id: UUID = Field(primary_key=True, foreign_key="organisation.id")
    trip_hash: bytes = Field(primary_key=True)
    content_hash: bytes
    kept_as: str  # action | sum | none
    action_id: UUID | None = None
    sum_day: date | None = None
    proof_path: dict[str, Any] | None = Field(default=None, sa_type=Json)
    first_seen_at: datetime


class PartnerDaySum(SQLModel, table=True):
    """Trips without a rider, as daily sums: the city's records, never in cells, no reward."""

    __tablename__ = "partner_day_sum"

    organisation_id: UUID = Field(primary_key=True, foreign_key="organisation.id")
    day: date = Field(primary_key=True)
    action_type_id: str = Field(primary_key=True)
    area: str = Field(primary_key=True)
    trips: int
    distance_m: int = Field(sa_type=BigInt)
    duration_s: int = Field(sa_type=BigInt)


class RiderLinkCode(SQLModel, table=True):
    """A one-time code from the citizen's account that links a partner's rider to them."""

    __tablename__ = "rider_link_code"

    code_hash: bytes = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    organisation_id: UUID = Field(foreign_key="organisation.id")
    expires_at: datetime
    used_at: datetime | None = None


class RiderLink(SQLModel, table=True):
    """A partner's rider (keyed hash) is this person, until revoked."""

    __tablename__ = "rider_link"
    __table_args__ = (
        Index(
            "uq_rider_link_live",
            "organisation_id",
            "rider_hash",
            unique=True,
            postgresql_where="revoked_at is null",
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisation.id")
    rider_hash: bytes
    person_id: UUID = Field(foreign_key="person.id", index=True)
    linked_at: datetime
    revoked_at: datetime | None = None
