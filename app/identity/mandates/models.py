"""Mandates: who may act for whom, for which acts, up to which amount a day, until when.

Rows are only ever added: what was said once is never said otherwise, and an end stays an end.
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import BigInt, Json, text_enum, uuid7


class Act(enum.Enum):
    """All that a mandate can name; what is not here nobody does for another."""

    SEE = "see"  # balance, deeds, payments
    PAY = "pay"  # from accounts whose key the city keeps, up to the mandate's amount a day
    CONTEST = "contest"  # a payment by card
    RIGHTS = "rights"  # a correction, a restriction, an objection
    EXPORT = "export"  # take all of the data along
    CLOSE = "close"  # close the account and erase the data


class MandateKind(enum.Enum):
    GIVEN = "given"  # by the person, accepted by who was named, ended by either
    GUARDIANSHIP = "guardianship"  # entered and ended by two officers


LONGEST = {
    MandateKind.GIVEN: timedelta(days=366),
    MandateKind.GUARDIANSHIP: timedelta(days=5 * 366),  # Code civil, article 441
}
MOST_DAY_CENTS = 20_000


class StepKind(enum.Enum):
    ACCEPTED = "accepted"  # by who was named; a guardianship: by the second officer
    REFUSED = "refused"
    ENDED = "ended"  # at once and for good
    USED = "used"  # something was done under it


class Mandate(SQLModel, table=True):
    """`reference_sealed`: of the court's decision, under the ward's key; never the paper itself."""

    __table_args__ = (
        CheckConstraint("representative_id <> person_id", name="not_oneself"),
        CheckConstraint("jsonb_exists(acts, 'pay') = (day_cents is not null)", name="day_cents"),
        CheckConstraint(f"day_cents between 1 and {MOST_DAY_CENTS}", name="day_bounded"),
        CheckConstraint("until > offered_at", name="ends_later"),
        CheckConstraint(
            "(kind = 'guardianship') = (reference_sealed is not null)", name="reference"
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    representative_id: UUID = Field(foreign_key="person.id", index=True)
    kind: MandateKind = Field(sa_type=text_enum(MandateKind, "kind"))
    acts: list[str] = Field(sa_type=Json)
    day_cents: int | None = Field(default=None, sa_type=BigInt)
    until: datetime
    reference_sealed: bytes | None = None
    offered_at: datetime
    offered_by: UUID | None = None  # the officer who entered it; null: the person


class MandateStep(SQLModel, table=True):
    """What became of a mandate, and each use of it."""

    __tablename__ = "mandate_step"
    __table_args__ = (
        CheckConstraint("(kind = 'used') = (act is not null)", name="act_of_use"),
        Index(
            "uq_mandate_step_once",
            "mandate_id",
            "kind",
            unique=True,
            postgresql_where="kind <> 'used'",
        ),
        Index("ix_mandate_step_mandate", "mandate_id", "id"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    mandate_id: UUID = Field(foreign_key="mandate.id")
    kind: StepKind = Field(sa_type=text_enum(StepKind, "kind"))
    act: Act | None = Field(default=None, sa_type=text_enum(Act, "act"))
    at: datetime
    by_person: UUID | None = None  # null: the account of either was closed
    about: UUID | None = None  # the payment
