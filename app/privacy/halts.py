"""Restriction and objection (GDPR, articles 18 and 21): uses that stand still from the next one on.

A restriction stops every use but what the person does or asks for themselves (purposes whose
basis is the contract); an objection stops one purpose whose basis is a public task.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.db import uuid7
from app.errors import Problem, define
from app.privacy.halt_models import Halt
from app.privacy.notices import CONTRACT, LAW, PUBLIC_TASK, purpose_named, purposes

_NOBODY_READS = {"audit"}  # samples under mandate are pseudonymous: no name is opened for them

define(
    "use-halted",
    403,
    en=(
        "This use stands still",
        "The person has restricted the use of their data, or objected to this use.",
        "Leave it until the person, or the answer to their objection, lets it go on.",
    ),
    fr=(
        "Cet usage est suspendu",
        "La personne a limité l’usage de ses données, ou s’est opposée à cet usage.",
        "N’y touchez pas tant que la personne, ou la réponse à son opposition, ne l’a pas levée.",
    ),
)
define(
    "objection-not-possible",
    422,
    en=(
        "There is nothing to object to here",
        "One objects to a use that is a task of the city.",
        "Choose one of: {choices}. A consent is withdrawn instead.",
    ),
    fr=(
        "Il n’y a pas d’opposition possible ici",
        "On s’oppose à un usage qui est une mission de la ville.",
        "Choisissez parmi : {choices}. Un consentement, lui, se retire.",
    ),
)


def objectionable() -> tuple[str, ...]:
    """Purposes that a person may object to: those for which somebody reads through the gate."""
    tasks = (one.id for one in purposes().values() if one.basis == PUBLIC_TASK)
    return tuple(one for one in tasks if one not in _NOBODY_READS)


def halt(session: Session, subject_id: UUID, purpose: str | None, now: datetime) -> None:
    """All uses (`purpose` None) or one; a second time changes nothing.

    Raises Problem objection-not-possible for a purpose that is no public task.
    """
    if purpose is not None and purpose not in objectionable():
        choices = ", ".join(objectionable())
        raise Problem("objection-not-possible", field="purpose", choices=choices)
    journal.note(session, journal.USE_HALTED, now, **_ids(subject_id, purpose))
    row = insert(Halt).values(id=uuid7(), subject_id=subject_id, purpose=purpose, since=now)
    session.execute(row.on_conflict_do_nothing())


def resume(session: Session, subject_id: UUID, purpose: str | None, now: datetime) -> None:
    """The use goes on; twice changes nothing."""
    journal.note(session, journal.USE_RESUMED, now, **_ids(subject_id, purpose))
    session.execute(
        update(Halt)
        .where(
            col(Halt.subject_id) == subject_id,
            col(Halt.purpose).is_not_distinct_from(purpose),
            col(Halt.ended_at).is_(None),
        )
        .values(ended_at=now)
    )


def _ids(subject_id: UUID, purpose: str | None) -> dict[str, UUID | str]:
    return {"subject": subject_id} | ({"purpose": purpose} if purpose else {})


def open_halts(session: Session, subject_id: UUID) -> list[Halt]:
    """What stands still now, oldest first."""
    query = select(Halt).where(col(Halt.subject_id) == subject_id, col(Halt.ended_at).is_(None))
    return list(session.scalars(query.order_by(col(Halt.id))))


def halted(subject: Any, purpose: str) -> ColumnElement[bool]:
    """The condition, inside another statement, under which this use of a subject (a column or
    an id) stands still."""
    return exists().where(
        col(Halt.subject_id) == subject,
        col(Halt.ended_at).is_(None),
        or_(col(Halt.purpose).is_(None), col(Halt.purpose) == purpose),
    )


def check_not_halted(session: Session, subject_id: UUID, purpose: str) -> None:
    """Raises Problem use-halted. What the person does themselves, and what the law demands for
    them (an answer to their request), is never halted."""
    if purpose_named(purpose).basis in (CONTRACT, LAW):
        return
    if session.scalar(select(halted(subject_id, purpose))):
        raise Problem("use-halted")
