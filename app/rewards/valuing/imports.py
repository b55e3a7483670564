"""Valuing a chunk of imported trips at once: one lock of all counters, then plain arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.imports.frame import Frame
from app.actions.imports.writing import Kept
from app.actions.models import Action, ActionState, Channel, ProofLevel, Track
from app.actions.timetable import day_of, due_at
from app.identity.models import Person
from app.rewards.valuing.authenticate import alarm_once
from app.rewards.valuing.claims import Claim, Doer
from app.rewards.valuing.evaluations import standing
from app.rewards.valuing.found_facts import found_by
from app.rewards.valuing.valuation import Back, Book, OverCeilingError, ToFindOutError


def value_trips(session: Session, frame: Frame, kept: Sequence[Kept]) -> None:
    """Fills what each trip is promised, in the order given; corrected ones give back first."""
    people = {one.person_id for one in kept} | {one.other_id for one in kept if one.other_id}
    doers = _doers(session, people)
    old = _corrected(session, [one.action_id for one in kept if one.before is not None])
    valued = standing(session, [action.id for action in old]) if old else {}
    unit, zone = frame.action_type.unit, frame.terms.zone
    back = [
        Back(valued[one.id], Claim.of(one, unit, doers[one.person_id], zone))
        for one in old
        if one.due_at is not None and one.id in valued
    ]
    recorded = {one.id: one.recorded_at for one in old}
    found = found_by(session, [one.id for one in old]) if old else {}
    claims = [
        _claim(
            frame,
            one,
            doers,
            day_of(recorded.get(one.action_id, frame.now), zone),
            found.get(one.action_id, {}),
        )
        for one in kept
    ]
    book = Book(session, frame.terms.programme_id, claims, back=back)
    for one, claim in zip(kept, claims, strict=True):
        _promise(session, frame, book, one, claim)
    book.save()


def _promise(session: Session, frame: Frame, book: Book, one: Kept, claim: Claim) -> None:
    one.told = book.asked(claim)
    one.other_id = one.other_id if "other" in one.told else None
    try:
        promise = book.promise(claim)
    except OverCeilingError as error:
        alarm_once(session, error, claim, frame.now)
        return
    except ToFindOutError as error:
        one.explanation = error.lines
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


def _claim(
    frame: Frame,
    one: Kept,
    doers: dict[UUID, Doer],
    recorded_day: date,
    found: Mapping[str, Any],
) -> Claim:
    """`recorded_day`: of a corrected deed the first one, by which its ceilings are given back."""
    return Claim(
        action_id=one.action_id,
        person_id=one.person_id,
        doer=doers[one.person_id],
        organisation_id=frame.organisation_id,
        channel=Channel.PARTNER,
        action_type_id=frame.action_type.id,
        unit=frame.action_type.unit,
        quantity=one.trip.distance_m,
        proof_level=ProofLevel.MEASURED,
        deed_at=one.trip.started_at,
        recorded_at=frame.now,
        recorded_day=recorded_day,
        told=one.told,
        other_id=one.other_id,
        other=None if one.other_id is None else doers[one.other_id],
        found=found,
    )


def _corrected(session: Session, ids: list[UUID]) -> list[Action]:
    """As they stand in the database: locked since the chunk was judged."""
    if not ids:
        return []
    query = select(Action).where(col(Action.id).in_(ids)).order_by(col(Action.id))
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _doers(session: Session, people: set[UUID]) -> dict[UUID, Doer]:
    query = select(col(Person.id), col(Person.identity_level), col(Person.age_band))
    query = query.where(col(Person.id).in_(people))
    return {row.id: Doer.of(row.identity_level.value, row.age_band)
            for row in session.execute(query)}  # fmt: skip
