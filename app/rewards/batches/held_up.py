"""Deeds that nothing but an officer moves on: what waits for one since it was recorded, what the
chain refused, and what was promised in a programme that mints no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionLog, ActionState
from app.paging import page
from app.rewards.life import ENDED
from app.rewards.models import Programme

ASKING = (ActionState.RECORDED, ActionState.QUARANTINED)


def held_up() -> ColumnElement[bool]:
    ended = select(col(Programme.id)).where(col(Programme.state).in_(ENDED))
    promised = (col(Action.state) == ActionState.AUTHENTICATED) & (col(Action.reward_cents) > 0)
    return or_(col(Action.state).in_(ASKING), promised & col(Action.programme_id).in_(ended))


def all_held_up(
    session: Session, *, cursor: str | None, limit: int
) -> tuple[Sequence[Action], str | None]:
    """Newest first."""
    return page(session, select(Action).where(held_up()), key=Action.id, cursor=cursor, limit=limit)


def ended_of(session: Session, actions: Sequence[Action]) -> frozenset[UUID]:
    """Of their programmes, those in which nothing is credited any more."""
    wanted = {one.programme_id for one in actions}
    over = or_(col(Programme.state).in_(ENDED), col(Programme.close_decided_at).is_not(None))
    query = select(col(Programme.id)).where(col(Programme.id).in_(wanted), over)
    return frozenset(session.scalars(query))


def may_release(action: Action, ended: frozenset[UUID]) -> bool:
    """What a batch still holds waits until the chain bars that one; what has ended can only be
    refused."""
    waits = action.state in ASKING and action.batch_id is None
    return waits and action.programme_id not in ended


def refused_by_chain(session: Session, actions: Sequence[Action]) -> Mapping[UUID, str]:
    """As what the chain refused each of those in quarantine, as it named it."""
    wanted = [one.id for one in actions if one.state is ActionState.QUARANTINED]
    query = select(col(ActionLog.action_id), col(ActionLog.reason)).where(
        col(ActionLog.action_id).in_(wanted),
        col(ActionLog.after) == ActionState.QUARANTINED.value,
    )
    rows = session.execute(query.order_by(col(ActionLog.at), col(ActionLog.id))) if wanted else ()
    return {action_id: reason or "" for action_id, reason in rows}
