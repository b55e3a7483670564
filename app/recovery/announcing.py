"""Moves to an owner's own key are told to the owner first, and can be stopped until their moment.

The moment is the signer's word, which lends no hand before it (docs/adr/0025). Until then the
wallet pays as before. An announcement and its end are added and never changed. Callers commit.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.identity.models import Account
from app.recovery.move_models import AnnouncedMove, AnnouncedMoveEnd, AnnouncementEnd
from app.recovery.rules import MOVED_WITHIN
from app.rewards.models import Programme
from app.rewards.money.entries import lock_balances


def standing(now: datetime) -> ColumnElement[bool]:
    """Neither done nor stopped, nor run out."""
    ended = exists().where(col(AnnouncedMoveEnd.announced_id) == col(AnnouncedMove.id))
    return ~ended & (col(AnnouncedMove.ready_at) > now - MOVED_WITHIN)


def announced(session: Session, person_id: UUID, now: datetime) -> list[AnnouncedMove]:
    """What stands of a person's, of accounts that are still theirs, oldest first."""
    query = (
        select(AnnouncedMove)
        .join(Account, col(Account.id) == col(AnnouncedMove.account_id))
        .where(
            col(AnnouncedMove.person_id) == person_id,
            col(Account.replaced_at).is_(None),
            standing(now),
        )
    )
    return list(session.scalars(query.order_by(col(AnnouncedMove.id))))


def of_account(session: Session, account: Account, now: datetime) -> AnnouncedMove | None:
    """The one that stands; there is never a second, since the account's balance is held."""
    found = announced(session, account.person_id, now)
    return next((one for one in found if one.account_id == account.id), None)


def end(session: Session, move: AnnouncedMove, why: AnnouncementEnd, now: datetime) -> None:
    session.add(AnnouncedMoveEnd(announced_id=move.id, why=why, at=now))
    session.flush()


def end_all(session: Session, person_id: UUID, why: AnnouncementEnd, now: datetime) -> int:
    """Nothing of the person's moves; returns how many were stopped."""
    lock_accounts(session, person_id)
    found = announced(session, person_id, now)
    for one in found:
        end(session, one, why, now)
    return len(found)


def lock_accounts(session: Session, person_id: UUID) -> None:
    """The balances of all that are the person's now, as whoever accepts a payment holds them."""
    query = (
        select(col(Account.address), col(Programme.chain_id))
        .join(Programme, col(Programme.id) == col(Account.programme_id))
        .where(col(Account.person_id) == person_id, col(Account.replaced_at).is_(None))
    )
    lock_balances(session, [(row.address, row.chain_id) for row in session.execute(query)])
