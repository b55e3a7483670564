"""What an account may dispose of: final balance less open holds, never below zero.

The ledger itself is written by the indexer (`projections.py`) from final chain events alone; here
are our own promises on top. Whoever adds a hold has locked the account's balance row first, in the
same transaction, so two promises can't count on the same cents. A citizen's address belongs to one
programme; a payee's has a balance in each, so name the programme there. Amounts in cents, > 0.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from app.rewards.models import Balance, Hold, Programme

# What moves on to the account that takes this one's place: it stays its owner's.
ON_ITS_WAY = ("move", "forward")


class InsufficientBalance(Exception):  # noqa: N818 - it is a state of the world
    """The hold would promise more than is available."""

    def __init__(self, address: str, available: int, wanted: int) -> None:
        super().__init__(f"{address} has {available} cents available, {wanted} are wanted")
        self.address, self.available, self.wanted = address, available, wanted


def final_balance(session: Session, address: str, programme_id: UUID | None = None) -> int:
    """Cents that are final on the chain, in one programme or in all."""
    query = select(func.coalesce(func.sum(col(Balance.final_cents)), 0)).where(
        col(Balance.address) == address
    )
    if programme_id is not None:
        query = query.where(col(Balance.programme_chain_id) == _chain_id(programme_id))
    return int(session.scalar(query) or 0)


def held(session: Session, address: str, programme_id: UUID | None = None) -> int:
    """Cents promised and not yet settled."""
    query = select(func.coalesce(func.sum(col(Hold.amount_cents)), 0)).where(
        col(Hold.address) == address, col(Hold.ended_at).is_(None)
    )
    if programme_id is not None:
        query = query.where(col(Hold.programme_id) == programme_id)
    return int(session.scalar(query) or 0)


def available(session: Session, address: str, programme_id: UUID | None = None) -> int:
    """Cents the account may still promise; decisive only while `lock_account` is held."""
    balance = final_balance(session, address, programme_id)
    return balance - held(session, address, programme_id)


def moving(session: Session, address: str) -> int:
    """Cents on their way to the account that takes this one's place."""
    query = select(func.coalesce(func.sum(col(Hold.amount_cents)), 0)).where(
        col(Hold.address) == address,
        col(Hold.reason).in_(ON_ITS_WAY),
        col(Hold.ended_at).is_(None),
    )
    return int(session.scalar(query) or 0)


def owned(session: Session, address: str, programme_id: UUID) -> int:
    """What its owner calls their balance: available, or on its way between their accounts."""
    return available(session, address, programme_id) + moving(session, address)


def lock_account(session: Session, address: str, programme_id: UUID) -> int:
    """Lock the account's balance row until the transaction ends (making it); available cents.

    Lock several accounts in the order of their addresses, or two payments can block each other.
    """
    chain_id = session.scalars(select(_chain_id(programme_id))).one()
    row = {"address": address, "programme_chain_id": chain_id, "final_cents": 0}
    session.execute(insert(Balance).values(row).on_conflict_do_nothing())
    session.execute(
        select(col(Balance.address))
        .where(col(Balance.address) == address, col(Balance.programme_chain_id) == chain_id)
        .with_for_update()
    )
    return available(session, address, programme_id)


def hold(
    session: Session,
    *,
    address: str,
    programme_id: UUID,
    amount_cents: int,
    reason: str,
    reference: bytes,
    now: datetime,
    promised: bool = False,
) -> Hold:
    """Promise an amount; `reason`: see Hold, `reference`: what will settle it.

    `promised`: it was already, and is held whatever there is; `books_contradict` names what isn't
    covered. Raises InsufficientBalance.
    """
    free = lock_account(session, address, programme_id)
    if amount_cents > free and not promised:
        raise InsufficientBalance(address, free, amount_cents)
    made = Hold(
        address=address,
        programme_id=programme_id,
        amount_cents=amount_cents,
        reason=reason,
        reference=reference,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def end_hold(
    session: Session, *, address: str, reason: str, reference: bytes, now: datetime
) -> bool:
    """End an open hold because it settled (or its contest was upheld); False if none was open."""
    ended = session.execute(
        update(Hold)
        .where(
            col(Hold.address) == address,
            col(Hold.reason) == reason,
            col(Hold.reference) == reference,
            col(Hold.ended_at).is_(None),
        )
        .values(ended_at=now)
        .returning(col(Hold.id))
    )
    return ended.first() is not None


def _chain_id(programme_id: UUID) -> ScalarSelect[bytes]:
    query = select(col(Programme.chain_id)).where(col(Programme.id) == programme_id)
    return query.scalar_subquery()
