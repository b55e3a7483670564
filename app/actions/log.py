"""The only place where an action's state changes: tracks in, state out, one log row each time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionLog, ActionState
from app.actions.states import Ending, Settlement, Tracks, state_of
from app.errors import NotFound, Problem
from app.rows import made


def lock_action(session: Session, action_id: UUID) -> Action:
    """The action, read again under a row lock. Raises NotFound."""
    query = (
        select(Action)
        .where(col(Action.id) == action_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    action = session.scalars(query).one_or_none()
    if action is None:
        raise NotFound
    return action


def tracks_of(action: Action) -> Tracks:
    return Tracks(action.recording_track, action.anomaly_track, action.fraud_track)


def change(
    session: Session,
    action: Action,
    *,
    now: datetime,
    tracks: Tracks | None = None,
    ending: Ending = Ending.NONE,
    settlement: Settlement = Settlement.NONE,
    reason: str | None = None,
    by: UUID | None = None,
) -> None:
    """Moves the action to the state that follows and writes why; `by` None: the system."""
    session.add(
        move(
            action,
            now=now,
            tracks=tracks,
            ending=ending,
            settlement=settlement,
            reason=reason,
            by=by,
        )
    )


def move(
    action: Action,
    *,
    now: datetime,
    tracks: Tracks | None = None,
    ending: Ending = Ending.NONE,
    settlement: Settlement = Settlement.NONE,
    reason: str | None = None,
    by: UUID | None = None,
) -> ActionLog:
    """The same, with the log's row for the caller to write."""
    before = action.state
    if tracks is not None:
        action.recording_track = tracks.recording
        action.anomaly_track = tracks.anomaly
        action.fraud_track = tracks.fraud
    action.state = state_of(tracks_of(action), settlement, ending)
    return entry(action, before=before.value, now=now, reason=reason, by=by)


def write(
    session: Session,
    action: Action,
    *,
    before: str | None,
    now: datetime,
    reason: str | None = None,
    by: UUID | None = None,
) -> None:
    session.add(entry(action, before=before, now=now, reason=reason, by=by))


def entry(
    action: Action,
    *,
    before: str | None,
    now: datetime,
    reason: str | None = None,
    by: UUID | None = None,
) -> ActionLog:
    """A row that says what the action has just become, not yet added."""
    row = {
        "action_id": action.id,
        "at": now,
        "before": before,
        "after": action.state.value,
        "reason": reason,
        "by_person": by,
    }
    return made(ActionLog, row)


def check_state(action: Action, *allowed: ActionState) -> None:
    if action.state not in allowed:
        raise Problem("wrong-state", state=action.state.value)
