"""Consents: one purpose, one recipient, one exact notice; asked for again at every use.

A withdrawal holds from the next use on, because nobody keeps the answer of `has_consent`. Each
step (app.privacy.rules) leaves an event.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    select,
)
from sqlalchemy.orm import Session
from sqlmodel import col

from app.privacy.consent_problems import askable
from app.privacy.consent_steps import (
    SELF,
    answer,
    begin,
    is_open,
    is_over,
    last_of,
    lock,
    move,
    records,
)
from app.privacy.models import Consent, ConsentEvent
from app.privacy.rules import OPEN, ConsentState, Step

_CHUNK = 1000


def request_consent(
    session: Session,
    subject_id: UUID,
    purpose: str,
    recipient: str,
    now: datetime,
    *,
    by: str,
    language: str = "fr",
) -> Consent:
    """Asks, once: whoever was asked, agreed or refused already keeps that record.

    `by`: the part of the system that asks. Raises Problem consent-unknown-purpose.
    """
    described = askable(purpose, recipient, None)
    lock(session, subject_id)
    last = last_of(session, subject_id, purpose, recipient)
    if last is not None and last.state in (*OPEN, ConsentState.REFUSED):
        return last
    return begin(
        session,
        subject_id,
        recipient,
        now,
        described=described,
        language=language,
        step=Step.ASK,
        by=by,
    )


def give_consent(
    session: Session,
    subject_id: UUID,
    purpose: str,
    recipient: str,
    now: datetime,
    *,
    notice_version: str | None = None,
    language: str = "fr",
    by: str = SELF,
) -> Consent:
    """Records agreement to the notice in force; agreeing twice changes nothing.

    `notice_version` is what the person was shown; `by`: who enters it. Raises Problem
    consent-unknown-purpose, consent-unknown-recipient, consent-notice-changed.
    """
    described = askable(purpose, recipient, notice_version)
    lock(session, subject_id)
    held = last_of(session, subject_id, purpose, recipient)
    if held is not None and held.state is ConsentState.GIVEN:
        if held.notice_hash == described.hash and not is_over(held, now):
            return held
        move(session, held, Step.EXPIRE if is_over(held, now) else Step.WITHDRAW, now, by=by)
    elif held is not None and is_open(held):
        return answer(session, held, Step.GIVE, now, described=described, language=language, by=by)
    return begin(
        session,
        subject_id,
        recipient,
        now,
        described=described,
        language=language,
        step=Step.GIVE,
        by=by,
    )


def refuse_consent(
    session: Session,
    subject_id: UUID,
    purpose: str,
    recipient: str,
    now: datetime,
    *,
    notice_version: str | None = None,
    language: str = "fr",
    by: str = SELF,
) -> Consent:
    """Records a no, so that the person isn't asked again by itself; ends an earlier yes."""
    described = askable(purpose, recipient, notice_version)
    withdraw_consent(session, subject_id, purpose, recipient, now, by=by)
    last = last_of(session, subject_id, purpose, recipient)
    if last is not None and last.state is ConsentState.REQUESTED:
        return answer(
            session, last, Step.REFUSE, now, described=described, language=language, by=by
        )
    return begin(
        session,
        subject_id,
        recipient,
        now,
        described=described,
        language=language,
        step=Step.REFUSE,
        by=by,
    )


def withdraw_consent(
    session: Session,
    subject_id: UUID,
    purpose: str,
    recipient: str,
    now: datetime,
    *,
    by: str = SELF,
) -> bool:
    """Ends a consent; False when there was none."""
    lock(session, subject_id)
    held = last_of(session, subject_id, purpose, recipient)
    if held is None or held.state is not ConsentState.GIVEN:
        return False
    move(session, held, Step.WITHDRAW, now, by=by)
    return True


def end_consents(session: Session, subject_id: UUID, now: datetime) -> None:
    """All that this person still agrees to, or was asked."""
    for held in session.scalars(records(subject_id).where(col(Consent.state).in_(OPEN))):
        given = held.state is ConsentState.GIVEN
        move(session, held, Step.WITHDRAW if given else Step.REFUSE, now)


def end_for(session: Session, purpose: str, recipient: str, now: datetime) -> None:
    """Everybody's, to what a recipient did until now: for something new they are asked anew."""
    held = select(Consent).where(
        col(Consent.purpose) == purpose,
        col(Consent.recipient) == recipient,
        col(Consent.state).in_(OPEN),
    )
    for one in session.scalars(held.order_by(col(Consent.id)).with_for_update()):
        move(session, one, Step.EXPIRE, now, by="system:disclosures")


def expire_consents(session: Session, now: datetime) -> int:
    """Notes what ran out; it held no more from that moment on. Not committed."""
    due = select(Consent).where(col(Consent.state).in_(OPEN), col(Consent.valid_until) <= now)
    rows = session.scalars(due.limit(_CHUNK).with_for_update(skip_locked=True)).all()
    for held in rows:
        move(session, held, Step.EXPIRE, now, by="system:retention")
    return len(rows)


def consents_of(session: Session, subject_id: UUID) -> list[Consent]:
    """All that this person ever agreed to or refused, newest first."""
    rows = select(Consent).where(col(Consent.subject_id) == subject_id)
    return list(session.scalars(rows.order_by(col(Consent.id).desc())))


def events_of(session: Session, consent_id: UUID) -> list[ConsentEvent]:
    """The steps of a record, oldest first."""
    rows = select(ConsentEvent).where(col(ConsentEvent.consent_id) == consent_id)
    return list(session.scalars(rows.order_by(col(ConsentEvent.id))))
