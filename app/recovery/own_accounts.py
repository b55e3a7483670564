"""A person's current accounts, as their device has to know them before it signs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.identity.models import Account, WalletKind
from app.recovery.announcing import announced
from app.recovery.move_models import AnnouncedMove
from app.recovery.moves import open_moves
from app.rewards.life import ENDED
from app.rewards.models import Programme
from app.rewards.money import ledger


@dataclass(frozen=True)
class OwnAccount:
    """Amounts in cents. `programme`: its id on the chain; `name`: its name by language."""

    programme_id: UUID
    programme: bytes
    name: dict[str, str]
    address: str
    wallet: WalletKind
    available_cents: int
    held_cents: int
    on_its_way_cents: int
    moving: bool
    announced: AnnouncedMove | None


def current(session: Session, person_id: UUID, now: datetime) -> list[OwnAccount]:
    """In programmes that have not closed, oldest first."""
    waiting = {one.account_id: one for one in announced(session, person_id, now)}
    on_the_move = {one.account_id for one in open_moves(session, person_id)}
    query = (
        select(Account, Programme)
        .join(Programme, col(Programme.id) == col(Account.programme_id))
        .where(
            col(Account.person_id) == person_id,
            col(Account.replaced_at).is_(None),
            col(Programme.state).not_in(ENDED),
        )
        .order_by(col(Account.id))
    )
    return [
        OwnAccount(
            programme_id=programme.id,
            programme=programme.chain_id,
            name=programme.name,
            address=account.address,
            wallet=account.wallet,
            available_cents=ledger.available(session, account.address, programme.id),
            held_cents=ledger.held(session, account.address, programme.id),
            on_its_way_cents=ledger.moving(session, account.address),
            moving=account.id in on_the_move,
            announced=waiting.get(account.id),
        )
        for account, programme in session.execute(query)
    ]


def kept(session: Session, person_id: UUID) -> list[tuple[bytes, str]]:
    """(the programme's id on the chain, address) of those whose keys the person keeps."""
    query = (
        select(col(Programme.chain_id), col(Account.address))
        .join(Programme, col(Programme.id) == col(Account.programme_id))
        .where(
            col(Account.person_id) == person_id,
            col(Account.replaced_at).is_(None),
            col(Account.wallet) == WalletKind.DEVICE,
            col(Programme.state).not_in(ENDED),
        )
    )
    return [(row.chain_id, row.address) for row in session.execute(query)]
