"""A person's own sign-ins: seen, proved afresh, ended one by one or all but this one."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import NotFound
from app.identity.models import SignInSession
from app.identity.stations.shift_rules import awake
from app.identity.tokens import new_token, token_hash

PROOF_LASTS = timedelta(minutes=5)


def sessions_of(session: Session, person_id: UUID, now: datetime) -> list[SignInSession]:
    """The live ones, newest first."""
    query = select(SignInSession).where(
        col(SignInSession.person_id) == person_id,
        col(SignInSession.ended_at).is_(None),
        col(SignInSession.expires_at) > now,
        awake(now),
    )
    return list(session.scalars(query.order_by(col(SignInSession.id).desc())))


def end_own_session(session: Session, session_id: UUID, person_id: UUID, now: datetime) -> None:
    """Its token is worth nothing from now on; twice changes nothing. Raises NotFound."""
    row = session.get(SignInSession, session_id, with_for_update=True)
    if row is None or row.person_id != person_id:
        raise NotFound
    row.ended_at = row.ended_at or now
    session.flush()


def end_other_sessions(session: Session, person_id: UUID, keep: UUID, now: datetime) -> int:
    """Of all devices but the one that asks. Returns how many were ended."""
    ended = session.execute(
        update(SignInSession)
        .where(
            col(SignInSession.person_id) == person_id,
            col(SignInSession.id) != keep,
            col(SignInSession.ended_at).is_(None),
            col(SignInSession.expires_at) > now,
        )
        .values(ended_at=now)
        .returning(col(SignInSession.id))
    )
    return len(ended.all())


def prove(
    session: Session, session_id: UUID, now: datetime, *, passkey_id: UUID | None = None
) -> str:
    """Notes that the person has just proved who they are. Returns the session's new token.

    `passkey_id`: what they proved it with, if not with a code.
    """
    row = session.get_one(SignInSession, session_id, with_for_update=True)
    token = new_token()
    row.token_hash, row.proved_at = token_hash(token), now
    row.passkey_id = passkey_id or row.passkey_id
    session.flush()
    return token


def is_fresh(proved_at: datetime | None, now: datetime) -> bool:
    """Whether that proof still counts; the signer asks the same."""
    return proved_at is not None and now < proved_at + PROOF_LASTS


def end_sessions(session: Session, person_id: UUID, now: datetime) -> None:
    """Everywhere."""
    session.execute(
        update(SignInSession)
        .where(col(SignInSession.person_id) == person_id, col(SignInSession.ended_at).is_(None))
        .values(ended_at=now)
    )
