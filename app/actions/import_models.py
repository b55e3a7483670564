"""What partners bring: jobs, results per row, what is kept of a trip, and riders' links."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.db import BigInt, Json, uuid7


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
    salt_seed: bytes | None = None  # of the signed rows; forgotten when the job ends
    statement_digest: bytes | None = Field(default=None, foreign_key="attestation.digest")
    rows_total: int | None = None
    rows_done: int = 0
    counts: dict[str, int] = Field(default_factory=dict, sa_type=Json)
    error: str | None = None


class ImportResult(SQLModel, table=True):
    """What became of each row of a job, in order; without anything of the row itself.

    Written only under its job's lock, by the million: a foreign key would cost more than the row.
    """

    __tablename__ = "import_result"

    job_id: UUID = Field(primary_key=True)
    row_number: int = Field(primary_key=True)
    result: str  # accepted | unchanged | replaced | unlinked | refused | conflict | summed
    reason_code: str | None = None
    action_id: UUID | None = None


class ImportedTrip(SQLModel, table=True):
    """A trip once seen: keyed hash of partner and trip id, keyed hash of its content.

    No foreign key to the partner for the same reason; partners are never deleted.
    """

    __tablename__ = "imported_trip"

    organisation_id: UUID = Field(primary_key=True)
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
