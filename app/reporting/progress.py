"""What everybody did in a programme, as far as it is published: it moves with a period, never
with a visit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.reporting.models import PublishedFigure


@dataclass(frozen=True)
class Progress:
    """Sums of published cells, corrections subtracted."""

    actions: int
    reward_cents: int


def progress(session: Session, programme_chain_id: bytes) -> Progress:
    query = select(
        func.coalesce(func.sum(col(PublishedFigure.actions)), 0),
        func.coalesce(func.sum(col(PublishedFigure.reward_cents)), 0),
    ).where(col(PublishedFigure.programme_chain_id) == programme_chain_id)
    actions, cents = session.execute(query).one()
    return Progress(int(actions), int(cents))
