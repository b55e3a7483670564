"""Deeds whose delay is over, and a batch that the chain refuses for now."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.outbox.models import OutboxItem
from app.rewards.models import Programme
from tests.support.city import City


def due_deeds(session: Session, programme: Programme, now: datetime, number: int) -> list[Action]:
    """Of as many people, each due a second after the one before."""
    city = City(session, now)
    clerk = city.clerk(city.organisation())
    made = []
    for seconds in range(number):
        deed = city.attest(clerk, city.citizen().id, programme)
        deed.due_at = now - timedelta(minutes=5) + timedelta(seconds=seconds)
        made.append(deed)
    session.flush()
    return made


def refuse(session: Session, answer: str, until: datetime) -> None:
    """What the sender writes down when the chain refuses the batches for now."""
    for row in session.scalars(select(OutboxItem).where(col(OutboxItem.kind) == "commit_batch")):
        row.last_error, row.waits_until = answer, until
    session.flush()
