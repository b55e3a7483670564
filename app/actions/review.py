"""After recording: undo, refuse, appeal, answer. Each locks, re-reads, checks, writes.

`unvaluer` gives back what the action had reserved, `valuer` values it anew by the rules of its
day; both live above, with the money.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions import log
from app.actions.codes import REASONS, choosable
from app.actions.models import Action, ActionState, Appeal
from app.actions.recording import Valuer
from app.actions.states import Ending, Tracks
from app.db import uuid7
from app.errors import NotFound, Problem
from app.privacy.service import Actor, Ref, open_sealed, seal

Unvaluer = Callable[[Session, Action], None]
BEFORE_BATCH = (ActionState.RECORDED, ActionState.AUTHENTICATED)


def undo(
    session: Session,
    *,
    action_id: UUID,
    by: UUID,
    at: UUID | None = None,
    now: datetime,
    unvaluer: Unvaluer,
) -> Action:
    """Withdrawn by who entered it, while the undo lasts and before batching; `at`: only what was
    entered for this organisation, where somebody keeps a shift there."""
    action = log.lock_action(session, action_id)
    if action.entered_by != by or at not in (None, action.organisation_id):
        raise Problem("undo-not-yours")
    log.check_state(action, *BEFORE_BATCH)
    if action.undo_until is None or action.undo_until < now:
        raise Problem("undo-too-late")
    unvaluer(session, action)
    log.change(session, action, now=now, ending=Ending.WITHDRAWN, by=by)
    session.flush()
    return action


def refuse(
    session: Session,
    *,
    action_id: UUID,
    reason: str,
    by: UUID,
    now: datetime,
    unvaluer: Unvaluer,
    values: dict[str, Any] | None = None,
) -> Action:
    """Refused by an officer with a reason of the list; before batching only."""
    check_reason(reason)
    action = log.lock_action(session, action_id)
    check_not_own(action, by)
    log.check_state(action, *BEFORE_BATCH, ActionState.QUARANTINED)
    refuse_locked(session, action, reason=reason, values=values, by=by, now=now, unvaluer=unvaluer)
    return action


def refuse_locked(
    session: Session,
    action: Action,
    *,
    reason: str,
    by: UUID | None,
    now: datetime,
    unvaluer: Unvaluer,
    values: dict[str, Any] | None = None,
) -> None:
    """The refusal itself, once the checks are done; what it had reserved is free again."""
    unvaluer(session, action)
    action.reason_code, action.reason_values = reason, dict(values or {})
    action.due_at = None
    tracks = log.tracks_of(action).with_failed_by_person()
    log.change(session, action, now=now, tracks=tracks, reason=reason, by=by)
    session.flush()


def release(
    session: Session,
    *,
    action_id: UUID,
    by: UUID,
    now: datetime,
    valuer: Valuer,
    reason: str = "released",
) -> Action:
    """An officer lets through what waited over its organisation's ceiling, or completed it; or
    what the chain refused: valued already, it goes into another batch."""
    action = log.lock_action(session, action_id)
    check_not_own(action, by)
    log.check_state(action, ActionState.RECORDED, ActionState.QUARANTINED)
    if action.state is ActionState.QUARANTINED:
        if action.batch_id is not None:
            raise Problem("release-too-early")
        log.change(session, action, now=now, reason=reason, by=by)
    else:
        _value(session, action, valuer, now)
        log.write(session, action, before=action.state.value, now=now, reason=reason, by=by)
    session.flush()
    return action


def appeal(
    session: Session, *, action_id: UUID, person_id: UUID, text: str, now: datetime
) -> Appeal:
    """The citizen's objection to the refusal of their own deed; once."""
    action = log.lock_action(session, action_id)
    if action.person_id != person_id:
        raise NotFound
    log.check_state(action, ActionState.REFUSED)
    if session.scalar(select(col(Appeal.id)).where(col(Appeal.action_id) == action_id)):
        raise Problem("appeal-exists")
    appeal_id = uuid7()
    made = Appeal(
        id=appeal_id,
        action_id=action_id,
        person_id=person_id,
        text_sealed=seal(session, person_id, Ref("appeal", "text_sealed", appeal_id), text),
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def answer_appeal(
    session: Session,
    *,
    appeal_id: UUID,
    upheld: bool,
    text: str,
    by: UUID,
    now: datetime,
    valuer: Valuer,
) -> Appeal:
    """A person answers. Upheld: the deed is valued anew by the rules of its day."""
    found = session.get(Appeal, appeal_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    if found.answered_at is not None:
        raise Problem("appeal-answered")
    action = log.lock_action(session, found.action_id)
    check_not_own(action, by)
    log.check_state(action, ActionState.REFUSED)
    ref = Ref("appeal", "answer_sealed", appeal_id)
    found.answer_sealed = seal(session, found.person_id, ref, text)
    found.upheld, found.answered_by, found.answered_at = upheld, by, now
    if upheld:
        _reopen(session, action, by=by, now=now, valuer=valuer)
    session.flush()
    return found


def read_appeal(session: Session, found: Appeal, actor: Actor) -> tuple[str, str | None]:
    """The citizen's text and the answer; reading another's is recorded and shown to them."""
    text = open_sealed(
        session,
        found.person_id,
        Ref("appeal", "text_sealed", found.id),
        found.text_sealed,
        purpose="review",
        actor=actor,
    )
    if found.answer_sealed is None:
        return text, None
    ref = Ref("appeal", "answer_sealed", found.id)
    answer = open_sealed(
        session, found.person_id, ref, found.answer_sealed, purpose="review", actor=actor
    )
    return text, answer


def _reopen(session: Session, action: Action, *, by: UUID, now: datetime, valuer: Valuer) -> None:
    action.reason_code, action.reason_values = None, {}
    fresh = Tracks(recording=log.tracks_of(action).recording)
    log.change(session, action, now=now, tracks=fresh, reason="appeal-upheld", by=by)
    session.flush()  # here the same deed, recorded again meanwhile, is refused
    _value(session, action, valuer, now)


def _value(session: Session, action: Action, valuer: Valuer, now: datetime) -> None:
    if (valued := valuer(session, action, now)) is not None:
        session.add(valued)


def check_reason(reason: str) -> None:
    if reason not in REASONS or not REASONS[reason].by_person:
        raise Problem("reason-unknown", field="reason", choices=", ".join(choosable()))


def check_not_own(action: Action, by: UUID) -> None:
    """Neither whose deed it is nor who entered it decides on it."""
    if by in (action.person_id, action.entered_by):
        raise Problem("not-for-oneself")
