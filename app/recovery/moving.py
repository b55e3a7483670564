"""An owner goes on with other accounts: to a device's keys, from one device's to another's, or
back to the city's. Each move is signed by the account that is left; the account that is entered
signs too, or the city's signer holds its key, so nothing ever goes to a key that nobody has.

The free cents are held until the chain has moved them, and no other hold may stand. Callers commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.chain.typed_recovery import Move
from app.errors import NotFound, Problem
from app.identity.accounts import find_account
from app.identity.blocks import check_not_blocked
from app.identity.models import Account, Organisation, WalletKind
from app.merchants.models import Merchant
from app.outbox.service import enqueue
from app.recovery import cases, letters, problems
from app.recovery.models import Recovery
from app.recovery.move_models import AccountMove
from app.recovery.moves import REASON, open_moves
from app.rewards import ledger
from app.rewards.entries import lock_balances
from app.rewards.models import Programme, ProgrammeState

__all__ = ["problems"]


class MoveSigner(Protocol):
    """What this needs of the signer process, for the owner's session."""

    def sign_move(self, move: Move, receiver_signature: bytes) -> bytes: ...
    def accept_move(self, move: Move, wallet: str) -> bytes: ...


@dataclass(frozen=True)
class MoveDesk:
    """Recovery's domain, and the signer of custodial keys and acceptances."""

    domain: typed.Domain
    signer: MoveSigner


@dataclass(frozen=True)
class SignedMove:
    """One account's, as the owner's device made it.

    `receiver_signature`: of the new key, over the same digest; the city's keys need none.
    `owner_signature`: of the old key, where a device has it.
    """

    programme_id: UUID
    sender: str
    receiver: str
    amount_cents: int
    nonce: bytes
    receiver_signature: bytes | None
    owner_signature: bytes | None


@dataclass(frozen=True)
class Asked:
    """Whose accounts move, and to whose keeping."""

    person_id: UUID
    wallet: WalletKind
    desk: MoveDesk
    now: datetime


def move_accounts(session: Session, moves: Sequence[SignedMove], asked: Asked) -> list[AccountMove]:
    """All of them or none; one that was accepted before and goes on is answered as it is.

    Raises NotFound, and the problems of each `_check_…` below.
    """
    for named in ({one.programme_id for one in moves}, {one.receiver for one in moves}):
        if len(named) < len(moves):
            raise Problem("moves-twice", field="moves")
    found = [(one, *_account(session, asked.person_id, one)) for one in moves]
    lock_balances(session, [(one.sender, programme.chain_id) for one, _, programme in found])
    check_not_blocked(session, asked.person_id, asked.now)
    before = len(open_moves(session, asked.person_id))
    for one, account, programme in found:  # all, before the signer counts any of them
        if session.get(AccountMove, _digest(one, programme, asked)) is None:
            _check_stands(session, one, account, programme)
            _check_unused(session, one.receiver)
    made = [_move(session, one, account, programme, asked) for one, account, programme in found]
    if len(open_moves(session, asked.person_id)) > before:
        letters.tell_moved(session, asked.person_id, asked.now)
    return made


def _account(session: Session, person_id: UUID, one: SignedMove) -> tuple[Account, Programme]:
    """The person's current account in the programme, which is the one that they signed for."""
    account = find_account(session, person_id, one.programme_id)
    if account is None:
        raise NotFound("not-found", field="programme_id")
    if account.address != one.sender:
        raise Problem("move-changed", field="sender")
    return account, session.get_one(Programme, one.programme_id)


def _move(
    session: Session, one: SignedMove, account: Account, programme: Programme, asked: Asked
) -> AccountMove:
    struct, digest = _struct(one, programme), _digest(one, programme, asked)
    known = session.get(AccountMove, digest)
    if known is not None:
        return known
    signature = _owner_signature(struct, digest, one, account.wallet, asked)
    acceptance = asked.desk.signer.accept_move(struct, asked.wallet.value)
    made = AccountMove(
        id=digest,
        person_id=account.person_id,
        account_id=account.id,
        new_address=one.receiver,
        wallet=asked.wallet,
        amount_cents=one.amount_cents,
        asked_at=asked.now,
    )
    session.add(made)
    session.flush()
    _hold(session, account, made)
    cases.withdraw_for(session, account.id, asked.now)
    payload = {"move": vars(struct), "owner_signature": signature, "acceptor_signature": acceptance}
    enqueue(session, kind="move_account", key=digest.hex(), payload=payload, now=asked.now)
    return made


def _struct(one: SignedMove, programme: Programme) -> Move:
    return Move(programme.chain_id, one.sender, one.receiver, one.amount_cents, one.nonce)


def _digest(one: SignedMove, programme: Programme, asked: Asked) -> bytes:
    return typed.digest(asked.desk.domain, _struct(one, programme))


def _check_stands(
    session: Session, one: SignedMove, account: Account, programme: Programme
) -> None:
    """Nothing is promised or on its way, and these are all the cents. Raises
    move-programme-over, wallet-moving, wallet-holds-open, move-changed."""
    if programme.state is ProgrammeState.CLOSED:
        raise Problem("move-programme-over", field="programme_id")
    if any(other.account_id == account.id for other in open_moves(session, account.person_id)):
        raise Problem("wallet-moving")
    if ledger.held(session, account.address, programme.id):
        raise Problem("wallet-holds-open")
    if ledger.available(session, account.address, programme.id) != one.amount_cents:
        raise Problem("move-changed", field="amount_cents")


def _check_unused(session: Session, address: str) -> None:
    """Nobody's, and named by nobody before. Raises recovery-account-used."""
    taken = or_(
        exists().where(col(Account.address) == address),
        exists().where(
            col(AccountMove.new_address) == address, col(AccountMove.failed_at).is_(None)
        ),
        exists().where(col(Recovery.new_address) == address),
        exists().where(col(Merchant.address) == address),
        exists().where(col(Organisation.key_address) == address),
    )
    if session.scalar(select(taken)):
        raise Problem("recovery-account-used", field="receiver")


def _owner_signature(
    struct: Move, digest: bytes, one: SignedMove, left: WalletKind, asked: Asked
) -> bytes:
    """The device's, or the signer's, which checks session, proof and ceilings itself."""
    if asked.wallet is WalletKind.DEVICE:
        _check_signed(digest, one.receiver_signature, one.receiver, "receiver_signature")
    if left is WalletKind.DEVICE:
        return _check_signed(digest, one.owner_signature, one.sender, "owner_signature")
    if asked.wallet is WalletKind.CUSTODIAL:
        raise Problem("move-changed", field="wallet")  # the city has that key already
    return asked.desk.signer.sign_move(struct, one.receiver_signature or b"")


def _check_signed(digest: bytes, signature: bytes | None, address: str, field: str) -> bytes:
    """The signature, by this address's own key. Raises move-signature-wrong."""
    try:
        signer = typed.recover(digest, signature or b"")
    except typed.BadSignature as error:
        raise Problem("move-signature-wrong", field=field) from error
    if signer != address:
        raise Problem("move-signature-wrong", field=field)
    return signature or b""


def _hold(session: Session, account: Account, made: AccountMove) -> None:
    """Of nothing there is nothing to hold."""
    if made.amount_cents:
        ledger.hold(
            session,
            address=account.address,
            programme_id=account.programme_id,
            amount_cents=made.amount_cents,
            reason=REASON,
            reference=made.id,
            now=made.asked_at,
        )
