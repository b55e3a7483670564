"""Valuing a chunk of imported trips at once: one lock of all counters, then plain arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.imports.frame import Frame
from app.actions.imports.writing import Kept
from app.actions.models import Action, ActionState, Channel, ProofLevel, Track
from app.actions.timetable import day_of, due_at
from app.identity.models import Person
from app.rewards.authenticate import alarm_once
from app.rewards.valuation import Book, Claim, OverCeilingError


def value_trips(session: Session, frame: Frame, kept: Sequence[Kept]) -> None:
    """Fills what each trip is promised, in the order given; corrected ones give back first."""
    levels = _levels(session, {one.person_id for one in kept})
    old = _corrected(session, [one.action_id for one in kept if one.before is not None])
    before = [(_old_claim(frame, action, levels), action) for action in old]
    claims = [_claim(frame, one, levels) for one in kept]
    book = Book(session, frame.terms.programme_id, [*claims, *(claim for claim, _ in before)])
    for claim, action in before:
        if action.due_at is not None:
            book.give_back(claim, action.reward_cents)
    for one, claim in zip(kept, claims, strict=True):
        _promise(session, frame, book, one, claim)
    book.counters.save()


def _promise(session: Session, frame: Frame, book: Book, one: Kept, claim: Claim) -> None:
    try:
        promise = book.promise(claim)
    except OverCeilingError as error:
        alarm_once(session, error, claim, frame.now)
        return
    one.state, one.anomaly = ActionState.AUTHENTICATED, Track.PASSED
    one.reward_cents, one.explanation = promise.cents, promise.lines
    one.rule_set_version = promise.rule_set_version
    one.due_at = due_at(
        frame.terms,
        proof_level=ProofLevel.MEASURED,
        channel=Channel.PARTNER,
        deed_at=one.trip.started_at,
        recorded_at=frame.now,
    )


def _claim(frame: Frame, one: Kept, levels: dict[UUID, str]) -> Claim:
    return Claim(
        person_id=one.person_id,
        identity_level=levels[one.person_id],
        organisation_id=frame.organisation_id,
        action_type_id=frame.action_type.id,
        unit=frame.action_type.unit,
        quantity=one.trip.distance_m,
        proof_level=ProofLevel.MEASURED.value,
        vouched=True,
        deed_at=one.trip.started_at,
        deed_day=one.trip.day,
        recorded_day=day_of(frame.now, frame.terms.zone),
    )


def _old_claim(frame: Frame, action: Action, levels: dict[UUID, str]) -> Claim:
    return Claim(
        person_id=action.person_id,
        identity_level=levels.get(action.person_id, "contact"),
        organisation_id=action.organisation_id,
        action_type_id=action.action_type_id,
        unit=frame.action_type.unit,
        quantity=action.quantity,
        proof_level=action.proof_level.value,
        vouched=True,
        deed_at=action.deed_at,
        deed_day=action.deed_day,
        recorded_day=day_of(action.recorded_at, frame.terms.zone),
    )


def _corrected(session: Session, ids: list[UUID]) -> list[Action]:
    """As they stand in the database: locked since the chunk was judged."""
    if not ids:
        return []
    query = select(Action).where(col(Action.id).in_(ids)).order_by(col(Action.id))
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _levels(session: Session, people: set[UUID]) -> dict[UUID, str]:
    query = select(col(Person.id), col(Person.identity_level)).where(col(Person.id).in_(people))
    return {row.id: row.identity_level.value for row in session.execute(query)}
