"""What everybody did in a programme, as far as it is published: it moves with a period, never
with a visit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.impact.entries import VOUCHED
from app.reporting.models import PublishedFigure


@dataclass(frozen=True)
class Progress:
    """Sums of published cells, corrections subtracted; what nobody vouched for is apart."""

    actions: int
    reward_cents: int
    own_word_actions: int


def progress(session: Session, programme_chain_id: bytes) -> Progress:
    actions, vouched = func.sum(col(PublishedFigure.actions)), col(PublishedFigure.proof_level)
    query = select(
        func.coalesce(actions.filter(vouched.in_(VOUCHED)), 0),
        func.coalesce(func.sum(col(PublishedFigure.reward_cents)), 0),
        func.coalesce(actions.filter(vouched.not_in(VOUCHED)), 0),
    ).where(col(PublishedFigure.programme_chain_id) == programme_chain_id)
    return Progress(*(int(found) for found in session.execute(query).one()))
