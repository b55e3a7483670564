"""A programme's own deeds as its rules saw them, in the order in which they were valued."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from app.actions.models import Action as Deed
from app.identity.models import Person
from app.rewards.language.action import Action
from app.rewards.models import Evaluation, EvaluationKind
from app.rewards.valuing.claims import Doer
from app.rewards.valuing.evaluations import action_of

_AT_ONCE = 2000


def count(session: Session, programme_id: UUID) -> int:
    return session.scalar(_standing(select(func.count()), programme_id)) or 0


def history(session: Session, programme_id: UUID) -> Iterator[Action]:
    """What was taken back is left out; a deed that was corrected counts as it stands now.

    An evaluation keeps what its rules asked. Which deed is a first of its kind depends on the rules
    that are tried, which reckon it; others may ask who is adult: then as it is known today.
    """
    query = _standing(select(Evaluation, col(Person.id), col(Person.age_band)), programme_id)
    query = query.join(Person, col(Person.id) == col(Deed.person_id))
    query = query.order_by(col(Evaluation.number)).execution_options(yield_per=_AT_ONCE)
    for found, person_id, band in session.execute(query):
        action = action_of(found, person_id)
        action.first_time = None
        if action.citizen_adult is None:
            action.citizen_adult = Doer.of("", band).adult
        yield action
        session.expunge(found)


def _standing(query: Any, programme_id: UUID) -> Any:
    back = aliased(Evaluation)
    return (
        query.select_from(Evaluation)
        .join(Deed, col(Deed.id) == col(Evaluation.action_id))
        .where(
            col(Evaluation.programme_id) == programme_id,
            col(Evaluation.kind) == EvaluationKind.VALUED,
            ~select(col(back.number)).where(col(back.of_number) == col(Evaluation.number)).exists(),
        )
    )
