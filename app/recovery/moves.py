"""Moves that are on their way, and what becomes of one that the chain refused for good."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.errors import Reverted
from app.errors import Problem
from app.identity.models import Account
from app.merchants.pay_outs_again import ABOUT as MERCHANTS_ABOUT
from app.merchants.pay_outs_again import AGAIN as MERCHANTS_AGAIN
from app.outbox.models import OutboxItem
from app.recovery import problems
from app.recovery.move_models import AccountMove
from app.recovery.refused_steps import ON_FAILURE as STEPS
from app.rewards.batches.again import ABOUT as REWARDS_ABOUT
from app.rewards.batches.again import AGAIN as REWARDS_AGAIN
from app.rewards.batches.refused import ON_FAILURE as REWARDS
from app.rewards.money import ledger

__all__ = ["problems"]

REASON = "move"


def open_moves(session: Session, person_id: UUID) -> list[AccountMove]:
    """Accepted, and not final on the chain yet."""
    return list(session.scalars(select(AccountMove).where(*_open(person_id))))


def moving(person: Any) -> ColumnElement[bool]:
    """The same of a person (a column or an id), inside another statement."""
    return exists().where(*_open(person))


def _open(person: Any) -> tuple[ColumnElement[bool], ...]:
    return (
        col(AccountMove.person_id) == person,
        col(AccountMove.done_at).is_(None),
        col(AccountMove.failed_at).is_(None),
    )


def check_not_moving(session: Session, person_id: UUID) -> None:
    """Raises Problem wallet-moving."""
    if open_moves(session, person_id):
        raise Problem("wallet-moving")


def move_refused(session: Session, item: OutboxItem, _error: Reverted, now: datetime) -> None:
    """The account stays where it was, and pays again. Of a move that a restore forgot nothing is
    held."""
    move = session.get(AccountMove, bytes.fromhex(item.key), with_for_update=True)
    if move is None:
        return
    account = session.get_one(Account, move.account_id)
    move.failed_at = now
    ledger.end_hold(session, address=account.address, reason=REASON, reference=move.id, now=now)


# What owners of kinds do when the chain refuses a row of theirs for good.
ON_FAILURE = REWARDS | STEPS | {"move_account": move_refused}
# By which ids they find their rows again, and how they write them after a restore.
ABOUT = {**REWARDS_ABOUT, **MERCHANTS_ABOUT}
AGAIN = {**REWARDS_AGAIN, **MERCHANTS_AGAIN}
