"""What the signer finds out for itself of an account that its owner leaves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.identity.blocks import check_not_blocked
from app.identity.models import Account
from app.recovery.models import OPEN, Recovery, RecoveryState
from app.rewards.models import Hold, Programme

CONFIRMED = tuple(one for one in OPEN if one is not RecoveryState.PROPOSED)


def check_current(
    session: Session, address: str, programme_id: bytes, person_id: UUID, now: datetime
) -> None:
    """The account is the person's own in the programme, whoever keeps its key, and not blocked."""
    owner = session.scalar(
        select(col(Account.person_id))
        .join(Programme, col(Programme.id) == col(Account.programme_id))
        .where(
            col(Account.address) == address,
            col(Account.replaced_at).is_(None),
            col(Programme.chain_id) == programme_id,
        )
    )
    if owner != person_id:
        raise Problem("signer-not-owner")
    check_not_blocked(session, person_id, now)


def check_movable(session: Session, address: str, programme_id: bytes, now: datetime) -> UUID:
    """The account is in use in the programme, nothing is promised on it, it is not blocked, and
    no recovery of its person's is confirmed. Returns whose it is."""
    account = session.execute(
        select(col(Account.id), col(Account.person_id), col(Programme.chain_id))
        .join(Programme, col(Programme.id) == col(Account.programme_id))
        .where(col(Account.address) == address, col(Account.replaced_at).is_(None))
    ).one_or_none()
    if account is None or account.chain_id != programme_id:
        raise Problem("signer-order-refused")
    promised = exists().where(col(Hold.address) == address, col(Hold.ended_at).is_(None))
    recovering = exists().where(
        col(Recovery.person_id) == account.person_id,
        col(Recovery.state).in_(CONFIRMED),
        col(Recovery.ends_at) > now,
    )
    if session.scalar(select(promised | recovering)):
        raise Problem("signer-order-refused")
    check_not_blocked(session, account.person_id, now)
    return UUID(str(account.person_id))
