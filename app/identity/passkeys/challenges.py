"""Questions to a device: 32 random bytes to be signed, once, within minutes, for one purpose."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session
from sqlmodel import col

from app.identity.passkeys.ceremony import ANSWER_SECONDS, refused
from app.identity.passkeys.models import ChallengePurpose, PasskeyChallenge

_CHALLENGE_BYTES = 32


def question(
    session: Session, purpose: ChallengePurpose, session_id: UUID | None, now: datetime
) -> PasskeyChallenge:
    row = PasskeyChallenge(
        challenge=secrets.token_bytes(_CHALLENGE_BYTES),
        purpose=purpose,
        session_id=session_id,
        expires_at=now + timedelta(seconds=ANSWER_SECONDS),
    )
    session.add(row)
    session.flush()
    return row


def take(
    session: Session,
    challenge: UUID,
    purpose: ChallengePurpose,
    session_id: UUID | None,
    now: datetime,
) -> bytes:
    """The bytes that were to be signed; of two answers at once one finds them."""
    asked = (
        delete(PasskeyChallenge)
        .where(
            col(PasskeyChallenge.id) == challenge,
            col(PasskeyChallenge.purpose) == purpose,
            col(PasskeyChallenge.session_id).is_not_distinct_from(session_id),
        )
        .returning(col(PasskeyChallenge.challenge), col(PasskeyChallenge.expires_at))
    )
    found = session.execute(asked).one_or_none()
    if found is None or now >= found.expires_at:
        raise refused()
    return bytes(found.challenge)
