"""Reading mandates: whether one holds at a moment, who named whom, and what was done under it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.identity.mandates.models import Mandate, MandateKind, MandateStep, StepKind

DONE = (StepKind.REFUSED, StepKind.ENDED)


def given_by(session: Session, person_id: UUID) -> Sequence[Mandate]:
    """Who may act for this person, newest first."""
    return _listed(session, col(Mandate.person_id) == person_id)


def given_to(session: Session, person_id: UUID) -> Sequence[Mandate]:
    """For whom this person may act, newest first."""
    return _listed(session, col(Mandate.representative_id) == person_id)


def in_force(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Of a row of `mandate`: it holds at this moment; the signer asks the same."""
    return and_(
        col(Mandate.until) > now,
        _step(StepKind.ACCEPTED),
        ~_step(*DONE),
    )


def holds(session: Session, mandate: Mandate, now: datetime) -> bool:
    query = select(col(Mandate.id)).where(col(Mandate.id) == mandate.id, in_force(now))
    return session.scalar(query) is not None


def may_still(session: Session, mandate: Mandate, now: datetime) -> bool:
    """Neither refused nor ended, and its last day has not passed."""
    return mandate.until > now and not has_step(session, mandate.id, *DONE)


def guardianships_over(session: Session, person_id: UUID, now: datetime) -> list[Mandate]:
    """Those that hold over this person."""
    query = select(Mandate).where(
        col(Mandate.person_id) == person_id,
        col(Mandate.kind) == MandateKind.GUARDIANSHIP,
        in_force(now),
    )
    return list(session.scalars(query))


def guardians_of(session: Session, person_id: UUID) -> set[UUID | None]:
    """Whoever is or was entered as this person's guardian."""
    query = select(col(Mandate.representative_id)).where(
        col(Mandate.person_id) == person_id, col(Mandate.kind) == MandateKind.GUARDIANSHIP
    )
    return set(session.scalars(query))


def guardianships(session: Session, now: datetime) -> list[Mandate]:
    """All that hold, newest first."""
    query = select(Mandate).where(col(Mandate.kind) == MandateKind.GUARDIANSHIP, in_force(now))
    return list(session.scalars(query.order_by(col(Mandate.id).desc()).limit(200)))


def steps_of(session: Session, ids: Collection[UUID]) -> Sequence[MandateStep]:
    """Of these mandates, newest first."""
    query = select(MandateStep).where(col(MandateStep.mandate_id).in_(ids))
    return session.scalars(query.order_by(col(MandateStep.id).desc())).all()


def _listed(session: Session, whose: ColumnElement[bool]) -> Sequence[Mandate]:
    confirmed = or_(col(Mandate.kind) == MandateKind.GIVEN, _step(StepKind.ACCEPTED))
    query = select(Mandate).where(whose, confirmed)
    return session.scalars(query.order_by(col(Mandate.id).desc())).all()


def _step(*kinds: StepKind) -> ColumnElement[bool]:
    return exists().where(
        col(MandateStep.mandate_id) == col(Mandate.id), col(MandateStep.kind).in_(kinds)
    )


def has_step(session: Session, mandate_id: UUID, *kinds: StepKind) -> bool:
    query = exists().where(
        col(MandateStep.mandate_id) == mandate_id, col(MandateStep.kind).in_(kinds)
    )
    return bool(session.scalar(select(query)))
