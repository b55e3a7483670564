"""Reads of deeds: the doer's own, a clerk's day, what officers look through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState, Appeal, Channel
from app.errors import NotFound
from app.paging import page

A_DAYS_MOST = 500


def own_actions(
    session: Session, person_id: UUID, *, cursor: str | None, limit: int
) -> tuple[Sequence[Action], str | None]:
    """The person's deeds, newest first."""
    query = select(Action).where(col(Action.person_id) == person_id)
    return page(session, query, key=Action.id, cursor=cursor, limit=limit)


def own_action(session: Session, person_id: UUID, action_id: UUID) -> Action:
    """Raises NotFound for another's."""
    action = session.get(Action, action_id)
    if action is None or action.person_id != person_id:
        raise NotFound
    return action


def entered(
    session: Session, clerk_id: UUID, organisation_id: UUID, since: datetime, until: datetime
) -> Sequence[Action]:
    """What a clerk entered in a span of recording, newest first."""
    query = select(Action).where(
        col(Action.organisation_id) == organisation_id,
        col(Action.entered_by) == clerk_id,
        col(Action.channel) == Channel.ATTESTER,
        col(Action.recorded_at) >= since,
        col(Action.recorded_at) < until,
    )
    return session.scalars(query.order_by(col(Action.id).desc()).limit(A_DAYS_MOST)).all()


def in_state(
    session: Session, state: ActionState, *, cursor: str | None, limit: int
) -> tuple[Sequence[Action], str | None]:
    """Deeds of everybody in a state: refused ones, or recorded ones that wait for a person."""
    query = select(Action).where(col(Action.state) == state)
    return page(session, query, key=Action.id, cursor=cursor, limit=limit)


def open_appeals(
    session: Session, *, cursor: str | None, limit: int
) -> tuple[Sequence[Appeal], str | None]:
    query = select(Appeal).where(col(Appeal.answered_at).is_(None))
    return page(session, query, key=Appeal.id, cursor=cursor, limit=limit)
