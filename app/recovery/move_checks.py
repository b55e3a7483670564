"""Whether an account may move, each rule by itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.errors import Problem
from app.identity.mandates.queries import guardianships_over
from app.identity.models import Account, Organisation
from app.merchants.models import Merchant
from app.recovery import problems
from app.recovery.announcing import standing
from app.recovery.models import Recovery
from app.recovery.move_models import AccountMove, AnnouncedMove
from app.recovery.moves import open_moves
from app.rewards.life import ENDED
from app.rewards.models import Programme
from app.rewards.money import ledger

__all__ = ["problems"]


def check_open(session: Session, account: Account, programme: Programme) -> None:
    """Raises move-programme-over, wallet-moving."""
    if programme.state in ENDED:
        raise Problem("move-programme-over", field="programme_id")
    if any(other.account_id == account.id for other in open_moves(session, account.person_id)):
        raise Problem("wallet-moving")


def check_all_free(session: Session, account: Account, cents: int) -> None:
    """Nothing is promised or on its way, and these are all the cents. Raises wallet-holds-open,
    move-changed."""
    if ledger.held(session, account.address, account.programme_id):
        raise Problem("wallet-holds-open")
    if ledger.available(session, account.address, account.programme_id) != cents:
        raise Problem("move-changed", field="amount_cents")


def check_unused(session: Session, address: str, left: Account, now: datetime) -> None:
    """Nobody's, and named by nobody but this account. Raises recovery-account-used."""
    taken = or_(
        exists().where(col(Account.address) == address),
        awaited(address, left, now),
        exists().where(col(Recovery.new_address) == address),
        exists().where(col(Merchant.address) == address),
        exists().where(col(Organisation.key_address) == address),
        exists().where(col(Organisation.next_key_address) == address),
    )
    if session.scalar(select(taken)):
        raise Problem("recovery-account-used", field="receiver")


def check_no_guardian(session: Session, person_id: UUID, now: datetime) -> None:
    """Where a guardian is named, nothing leaves for a key with which the ward alone would pay.
    Raises move-guardian."""
    if guardianships_over(session, person_id, now):
        raise Problem("move-guardian")


def awaited(address: str, left: Account, now: datetime) -> ColumnElement[bool]:
    """Another account moves there, or is announced to."""
    return or_(
        exists().where(
            col(AccountMove.new_address) == address, col(AccountMove.failed_at).is_(None)
        ),
        exists().where(
            col(AnnouncedMove.new_address) == address,
            col(AnnouncedMove.account_id) != left.id,
            standing(now),
        ),
    )


def check_signed(digest: bytes, signature: bytes | None, address: str, field: str) -> bytes:
    """The signature, by this address's own key. Raises move-signature-wrong."""
    try:
        signer = typed.recover(digest, signature or b"")
    except typed.BadSignature as error:
        raise Problem("move-signature-wrong", field=field) from error
    if signer != address:
        raise Problem("move-signature-wrong", field=field)
    return signature or b""
