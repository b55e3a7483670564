"""A programme's own deeds as its rules saw them, in the order in which they were valued."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from app.actions.models import Action as Deed
from app.rewards.language.action import Action
from app.rewards.models import Evaluation, EvaluationKind
from app.rewards.valuing.evaluations import action_of

_AT_ONCE = 2000


def count(session: Session, programme_id: UUID) -> int:
    return session.scalar(_standing(select(func.count()), programme_id)) or 0


def history(session: Session, programme_id: UUID) -> Iterator[Action]:
    """What was taken back is left out; a deed that was corrected counts as it stands now."""
    query = _standing(select(Evaluation, col(Deed.person_id)), programme_id)
    query = query.order_by(col(Evaluation.number)).execution_options(yield_per=_AT_ONCE)
    for found, person_id in session.execute(query):
        yield action_of(found, person_id)
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
