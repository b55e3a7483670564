"""A payer's accounts as one till sees them: what can be spent here and now, account by account."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.identity.models import Account, WalletKind
from app.merchants.models import MerchantProgramme
from app.merchants.rules import Purse
from app.rewards.life import spending_over
from app.rewards.models import Programme
from app.rewards.money import ledger
from app.rewards.money.entries import lock_balances


def purses_of(
    session: Session, *, person_id: UUID, merchant_id: UUID, now: datetime, lock: bool
) -> list[Purse]:
    """A person's current accounts. With `lock`, their balance rows stay locked until the
    transaction ends, in the order that everybody keeps."""
    accounts = (
        select(Account, Programme, col(MerchantProgramme.since))
        .join(Programme, col(Programme.id) == col(Account.programme_id))
        .outerjoin(
            MerchantProgramme,
            and_(
                col(MerchantProgramme.programme_id) == col(Account.programme_id),
                col(MerchantProgramme.merchant_id) == merchant_id,
            ),
        )
        .where(col(Account.person_id) == person_id, col(Account.replaced_at).is_(None))
    )
    rows = session.execute(accounts).all()
    if lock:
        lock_balances(session, [(account.address, held.chain_id) for account, held, _ in rows])
    return [
        replace(
            _purse(account, programme, since, now),
            available_cents=ledger.available(session, account.address, programme.id),
            moving_cents=ledger.moving(session, account.address),
        )
        for account, programme, since in rows
    ]


def _purse(account: Account, programme: Programme, since: datetime | None, now: datetime) -> Purse:
    return Purse(
        programme_id=programme.id,
        programme_chain_id=programme.chain_id,
        address=account.address,
        on_device=account.wallet is WalletKind.DEVICE,
        last_day_to_spend=programme.last_day_to_spend,
        taken_here=since is not None,
        closed=spending_over(programme, now),
        available_cents=0,
    )
