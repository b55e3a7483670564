"""Consents: one purpose, one recipient, one exact notice; asked for again at every use.

A withdrawal holds from the next use on, because nobody keeps the answer of `has_consent`.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem, define
from app.privacy.models import Consent, ConsentState, Subject
from app.privacy.notices import Purpose, purpose_named

define(
    "consent-missing",
    403,
    en=(
        "Consent is missing",
        "The person has not agreed to this use, or no longer agrees.",
        "Ask the person; they can agree under “My data”.",
    ),
    fr=(
        "Le consentement manque",
        "La personne n’a pas accepté cet usage, ou ne l’accepte plus.",
        "Demandez à la personne ; elle peut l’accepter sous « Mes données ».",
    ),
)
define(
    "consent-unknown-purpose",
    422,
    en=("Unknown purpose", "There is nothing to agree to under this name.", "See “My data”."),
    fr=("Finalité inconnue", "Il n’y a rien à accepter sous ce nom.", "Voir « Mes données »."),
)
define(
    "consent-notice-changed",
    409,
    en=(
        "The notice has changed",
        "What you read is not the notice in force.",
        "Read the new notice and decide again.",
    ),
    fr=(
        "La notice a changé",
        "Ce que vous avez lu n’est pas la notice en vigueur.",
        "Lisez la nouvelle notice et décidez de nouveau.",
    ),
)


def give_consent(
    session: Session,
    subject_id: UUID,
    purpose: str,
    recipient: str,
    now: datetime,
    *,
    notice_version: str | None = None,
) -> Consent:
    """Records agreement to the notice in force; agreeing twice changes nothing.

    `notice_version` is what the person was shown. Raises Problem consent-unknown-purpose,
    consent-notice-changed.
    """
    described = _askable(purpose, notice_version)
    _lock(session, subject_id)
    given = _given(session, subject_id, purpose, recipient)
    if given is not None and given.notice_hash == described.hash:
        return given
    if given is not None:  # the notice has changed since: agreed to anew
        given.state, given.ended_at = ConsentState.WITHDRAWN, now
        session.flush()
    return _add(session, subject_id, recipient, now, described=described, state=ConsentState.GIVEN)


def refuse_consent(
    session: Session,
    subject_id: UUID,
    purpose: str,
    recipient: str,
    now: datetime,
    *,
    notice_version: str | None = None,
) -> Consent:
    """Records a no, so that the person isn't asked again by itself; ends an earlier yes."""
    described = _askable(purpose, notice_version)
    withdraw_consent(session, subject_id, purpose, recipient, now)
    return _add(
        session, subject_id, recipient, now, described=described, state=ConsentState.REFUSED
    )


def withdraw_consent(
    session: Session, subject_id: UUID, purpose: str, recipient: str, now: datetime
) -> bool:
    """Ends a consent; False when there was none."""
    _lock(session, subject_id)
    given = _given(session, subject_id, purpose, recipient)
    if given is None:
        return False
    given.state, given.ended_at = ConsentState.WITHDRAWN, now
    session.flush()
    return True


def has_consent(session: Session, subject_id: UUID, purpose: str, recipient: str) -> bool:
    """Whether it holds now, for the notice in force. Ask at each use, keep no answer."""
    given = _given(session, subject_id, purpose, recipient)
    return given is not None and given.notice_hash == purpose_named(purpose).hash


def check_consent(session: Session, subject_id: UUID, purpose: str, recipient: str) -> None:
    """Raises Problem consent-missing."""
    if not has_consent(session, subject_id, purpose, recipient):
        raise Problem("consent-missing")


def consents_of(session: Session, subject_id: UUID) -> list[Consent]:
    """All that this person ever agreed to or refused, newest first."""
    rows = (
        select(Consent)
        .where(col(Consent.subject_id) == subject_id)
        .order_by(col(Consent.id).desc())
    )
    return list(session.scalars(rows))


def _askable(purpose: str, shown: str | None) -> Purpose:
    try:
        described = purpose_named(purpose)
    except KeyError as error:
        raise Problem("consent-unknown-purpose", field="purpose") from error
    if not described.needs_consent:
        raise Problem("consent-unknown-purpose", field="purpose")
    if shown not in (None, described.version):
        raise Problem("consent-notice-changed", field="notice_version")
    return described


def _lock(session: Session, subject_id: UUID) -> None:
    session.execute(select(col(Subject.id)).where(col(Subject.id) == subject_id).with_for_update())


def _given(session: Session, subject_id: UUID, purpose: str, recipient: str) -> Consent | None:
    return session.scalars(
        select(Consent)
        .where(
            col(Consent.subject_id) == subject_id,
            col(Consent.purpose) == purpose,
            col(Consent.recipient) == recipient,
            col(Consent.state) == ConsentState.GIVEN,
        )
        .execution_options(populate_existing=True)
    ).one_or_none()


def _add(
    session: Session,
    subject_id: UUID,
    recipient: str,
    now: datetime,
    *,
    described: Purpose,
    state: ConsentState,
) -> Consent:
    consent = Consent(
        subject_id=subject_id,
        purpose=described.id,
        recipient=recipient,
        notice_version=described.version,
        notice_hash=described.hash,
        state=state,
        given_at=now,
    )
    session.add(consent)
    session.flush()
    return consent
