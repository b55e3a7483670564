"""Writing a consent's records: each step by the state machine, each with its event."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.privacy.models import Consent, ConsentEvent, Subject
from app.privacy.notices import Purpose
from app.privacy.rules import OPEN, ConsentState, Step, after
from app.privacy.terms import terms_of

SELF = "self"
COUNTER = "counter:"  # and the officer who enters it on the person's word
PARENT = ":parent"  # after it, where a parent stood there and agreed for a child
ANSWER_WITHIN = timedelta(days=30)


def lock(session: Session, subject_id: UUID) -> None:
    """One step of a person's consents at a time."""
    session.execute(select(col(Subject.id)).where(col(Subject.id) == subject_id).with_for_update())


def last_of(session: Session, subject_id: UUID, purpose: str, recipient: str) -> Consent | None:
    """The newest record, whatever its state."""
    query = records(subject_id).where(
        col(Consent.purpose) == purpose, col(Consent.recipient) == recipient
    )
    return session.scalar(query.order_by(col(Consent.id).desc()).limit(1))


def records(subject_id: UUID) -> Select[Consent]:
    """As they are now, also where the session knows them from before."""
    query = select(Consent).where(col(Consent.subject_id) == subject_id)
    return query.execution_options(populate_existing=True)


def begin(
    session: Session,
    subject_id: UUID,
    recipient: str,
    now: datetime,
    *,
    described: Purpose,
    language: str,
    step: Step,
    by: str = SELF,
) -> Consent:
    """A new record."""
    consent = Consent(
        subject_id=subject_id,
        purpose=described.id,
        recipient=recipient,
        state=after(None, step),
        given_at=now,
        **_shown(described, language, after(None, step), now, by),
    )
    session.add(consent)
    session.flush()
    _note(session, consent, now, by)
    return consent


def answer(
    session: Session,
    consent: Consent,
    step: Step,
    now: datetime,
    *,
    described: Purpose,
    language: str,
    by: str,
) -> Consent:
    """A yes or no to what was asked, in the words that were shown with the answer."""
    shown = _shown(described, language, after(consent.state, step), now, by)
    for name, value in (shown | {"given_at": now}).items():
        setattr(consent, name, value)
    return move(session, consent, step, now, by=by)


def move(
    session: Session, consent: Consent, step: Step, now: datetime, *, by: str = SELF
) -> Consent:
    consent.state = after(consent.state, step)
    if consent.state in (ConsentState.WITHDRAWN, ConsentState.EXPIRED):
        consent.ended_at = now
    session.flush()
    if consent.state is ConsentState.WITHDRAWN:
        journal.note(session, journal.CONSENT_WITHDRAWN, now, consent=consent.id)
    _note(session, consent, now, by)
    return consent


def is_open(consent: Consent | None) -> bool:
    return consent is not None and consent.state in OPEN


def is_over(consent: Consent, now: datetime) -> bool:
    """Its time has run out, whether that is noted or not."""
    return consent.valid_until is not None and consent.valid_until <= now


def at_counter(officer: UUID) -> str:
    """`by` of what an officer enters for whoever stands there."""
    return f"{COUNTER}{officer}"


def with_parent(by: str) -> str:
    """The same, where a parent agreed before that officer; who the parent is, nobody notes."""
    return f"{by}{PARENT}"


def _shown(
    described: Purpose, language: str, state: ConsentState, now: datetime, by: str
) -> dict[str, Any]:
    """The notice as it is now, and how long the state lasts by itself."""
    days = timedelta(days=described.valid_days) if described.valid_days else None
    lasts = {ConsentState.REQUESTED: ANSWER_WITHIN, ConsentState.GIVEN: days}.get(state)
    return {
        "notice_version": described.version,
        "notice_hash": described.hash,
        "language": language,
        "terms": terms_of(described, language, at_counter=by.startswith(COUNTER)),
        "valid_until": now + lasts if lasts else None,
    }


def _note(session: Session, consent: Consent, now: datetime, by: str) -> None:
    session.add(ConsentEvent(consent_id=consent.id, at=now, state=consent.state, by=by))
    session.flush()
