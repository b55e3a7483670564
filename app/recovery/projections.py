"""What the chain made final of a device's recovery; told after the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.events import Handlers
from app.chain.contracts.recovery_events import (
    AccountMoved,
    Forwarded,
    RecoveryConfirmed,
    RecoveryExecuted,
)
from app.db import uuid7
from app.identity.accounts import owner_of
from app.identity.blocks import blocks_in_force
from app.identity.models import Account, WalletKind
from app.identity.sessions import end_sessions
from app.outbox.service import report_incident
from app.recovery import blocks, letters
from app.recovery.cases import finish
from app.recovery.chain import chain_recovery_id
from app.recovery.forwarding import REASON
from app.recovery.models import OPEN, Recovery, RecoveryKind
from app.recovery.move_models import AccountMove
from app.recovery.moves import REASON as MOVE
from app.rewards.money import ledger

CONTRADICTED = "account-contradicted"


def _confirmed(event: RecoveryConfirmed, session: Session) -> None:
    """The chain may have heard of it later than we did: its 72 hours count too."""
    case = _case(session, event.recovery_id)
    if case is not None and case.ready_at is not None:
        case.ready_at = max(case.ready_at, datetime.fromtimestamp(event.ready_at, UTC))
        session.flush()


def _executed(event: RecoveryExecuted, session: Session) -> None:
    """The person goes on with the new account; the old one stays on record."""
    now = event.at.block_time
    case = _case(session, event.recovery_id)
    if case is None or case.account_id is None or case.new_address != event.new_account:
        what = "The chain executed a recovery that this database does not know."
        _unknown(session, "recovery-unknown", what, event.recovery_id, now)
        _follow(session, event.old_account, event.new_account, now)
        _let_in_again(session, event)
        return
    _replace(session, case.account_id, event.new_account, WalletKind.DEVICE, now)
    finish(session, case, now)
    end_sessions(session, case.person_id, now)  # the lost device may still be signed in
    letters.tell(session, case.person_id, letters.DONE, now)


def _let_in_again(session: Session, event: RecoveryExecuted) -> None:
    """As where the case is known: the lost device is signed out, the wallet blocked no more."""
    person, now = owner_of(session, event.old_account), event.at.block_time
    if person is None:
        return
    end_sessions(session, person, now)
    for block in session.scalars(blocks_in_force(person, now)).all():
        if block.about is not None and chain_recovery_id(block.about) == event.recovery_id:
            blocks.let_go(session, block.about, now)


def _moved(event: AccountMoved, session: Session) -> None:
    """The owner goes on with the new account."""
    now, move = event.at.block_time, session.get(AccountMove, event.move_id, with_for_update=True)
    if move is None:
        what = "The chain moved an account that this database does not know as moving."
        _unknown(session, "move-unknown", what, event.move_id, now)
        _follow(session, event.sender, event.to, now)
        return
    if move.done_at is not None:
        return
    ledger.end_hold(session, address=event.sender, reason=MOVE, reference=event.move_id, now=now)
    _replace(session, move.account_id, event.to, move.wallet, now)
    move.done_at = now
    session.flush()


def _follow(session: Session, old: str, new: str, now: datetime) -> None:
    """After a backup was restored: its owner, or two officers, signed for it, so it is theirs all
    the same, and the old one can never be used again. Whose key the new one is the chain doesn't
    say; most are the owner's, and the incident has somebody look."""
    left = session.scalars(select(Account).where(col(Account.address) == old)).first()
    if left is not None and left.replaced_at is None:
        _replace(session, left.id, new, WalletKind.DEVICE, now)


def _replace(
    session: Session, account_id: UUID, address: str, wallet: WalletKind, now: datetime
) -> None:
    """The old account stays on record. What the books contradict stops nobody else."""
    old = session.get_one(Account, account_id, with_for_update=True, populate_existing=True)
    others = session.scalar(select(exists().where(col(Account.address) == address)))
    if others or old.replaced_at is not None:
        what = f"{old.address} went on as {address}, which is another account in the books"
        report_incident(session, code=CONTRADICTED, detail=what, now=now, reference=address)
        return
    old.replaced_at = now
    session.flush()
    session.add(
        Account(
            id=uuid7(),
            person_id=old.person_id,
            programme_id=old.programme_id,
            address=address,
            wallet=wallet,
            created_at=now,
        )
    )
    session.flush()


def _unknown(session: Session, code: str, detail: str, chain_id: bytes, now: datetime) -> None:
    report_incident(session, code=code, detail=detail, now=now, reference="0x" + chain_id.hex())


def _forwarded(event: Forwarded, session: Session) -> None:
    ledger.end_hold(
        session,
        address=event.sender,
        reason=REASON,
        reference=event.forward_id,
        now=event.at.block_time,
    )


def _case(session: Session, chain_id: bytes) -> Recovery | None:
    """Few are open at any time."""
    query = select(Recovery).where(
        col(Recovery.kind) == RecoveryKind.DEVICE, col(Recovery.state).in_(OPEN)
    )
    found = session.scalars(query.with_for_update()).all()
    return next((case for case in found if chain_recovery_id(case.id) == chain_id), None)


HANDLERS: Handlers = {
    RecoveryConfirmed: _confirmed,
    RecoveryExecuted: _executed,
    AccountMoved: _moved,
    Forwarded: _forwarded,
}
