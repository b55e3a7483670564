"""What a closed account's deeds were valued by: the day, and nothing more exact."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.rewards.models import Evaluation, Programme
from app.rewards.valuing import evaluations
from app.rewards.valuing.replay import Replay


def days_alone_are_kept(
    db: Session, programme: Programme, other: UUID, deeds: list[Action]
) -> None:
    """Also of what the rules looked at; others' stays, and a replay still comes to the same."""
    db.expire_all()
    days = {one.id: one.deed_day.isoformat() for one in deeds}
    seen = set()
    for one in db.scalars(select(Evaluation).where(col(Evaluation.facts) != text("'{}'"))):
        ours = one.action_id in days
        seen.add(ours)
        assert {"recorded_at", "end"} & one.facts.keys() == (
            set() if ours else {"recorded_at", "end"}
        )
        noon = one.facts["at"] == f"{days.get(one.action_id)}T12:00:00+00:00"
        assert (noon, one.facts.get("day_only", False)) == (ours, ours)
    assert seen == {True, False}
    assert list(Replay(db, programme).differences()) == []
    evaluations.forget_hours(db, other)
    kept = db.scalar(text("select count(*) from evaluation where facts ? 'day_only'"))
    assert kept == len(deeds), "an account that is not closed keeps its hours"
