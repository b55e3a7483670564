"""Who decides: what one officer proposes and another confirms, both on record."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import Json, text_enum, uuid7


class ProposalState(enum.Enum):
    OPEN = "open"  # nothing has happened yet; waits for a second person
    CONFIRMED = "confirmed"  # a second person said yes, and it was done in the same transaction
    REJECTED = "rejected"  # a second person said no
    WITHDRAWN = "withdrawn"  # by who proposed it


class Proposal(SQLModel, table=True):
    """A decision that needs two people. `payload` says all of it and never names a person."""

    __table_args__ = (
        CheckConstraint("state <> 'confirmed' or decided_by <> proposed_by", name="second_person"),
        CheckConstraint("(state = 'open') = (decided_at is null)", name="decided_at"),
        CheckConstraint("(state = 'open') = (decided_by is null)", name="decided_by"),
        Index(
            "uq_proposal_open", "kind", "subject", unique=True, postgresql_where="state = 'open'"
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    kind: str  # a kind that app.governance.service.CARRIERS can carry out
    subject: str  # what it is about: an id, or the short name of what is to be made
    payload: dict[str, Any] = Field(sa_type=Json)
    state: ProposalState = Field(sa_type=text_enum(ProposalState, "state"))
    proposed_by: UUID
    proposed_at: datetime
    decided_by: UUID | None = None
    decided_at: datetime | None = None
