"""A move goes to the chain: signed, accepted, its cents held. Those that were announced from the
city's keeping go by themselves when their moment has come. Callers commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.chain.typed_recovery import Move
from app.errors import Problem
from app.identity.blocks import check_not_blocked
from app.identity.models import Account, WalletKind
from app.outbox.service import enqueue
from app.recovery import announcing, cases, letters
from app.recovery.move_checks import check_all_free, check_no_guardian, check_open, check_unused
from app.recovery.move_models import AccountMove, AnnouncedMove, AnnouncementEnd
from app.recovery.moves import REASON
from app.rewards.life import ENDED
from app.rewards.models import Hold, Programme
from app.rewards.money import ledger
from app.rewards.money.entries import lock_balances

_NONCE = b"civis.announced.v1"


class Acceptor(Protocol):
    """What a move needs of the signer process: app.chain.signer.SignerClient."""

    def sign_move(self, announced: UUID, move: Move) -> bytes: ...
    def accept_move(self, move: Move, wallet: str, announced: UUID | None) -> bytes: ...


class Desk(Protocol):
    """Recovery's domain, and the signer."""

    @property
    def domain(self) -> typed.Domain: ...
    @property
    def signer(self) -> Acceptor: ...


@dataclass(frozen=True)
class AcceptorDesk:
    domain: typed.Domain
    signer: Acceptor


@dataclass(frozen=True)
class Leaving:
    """`owner_signature`: the device's own; None where the signer has the key that is left."""

    account: Account
    move: Move
    wallet: WalletKind
    announced: AnnouncedMove | None
    owner_signature: bytes | None


def send_move(session: Session, leaving: Leaving, desk: Desk, now: datetime) -> AccountMove:
    """Checked by the caller, who holds the account's balance."""
    account, move = leaving.account, leaving.move
    digest, announced = typed.digest(desk.domain, move), leaving.announced
    to_own_key = announced if leaving.wallet is WalletKind.DEVICE else None
    signature = leaving.owner_signature
    if signature is None:
        signature = desk.signer.sign_move(_id(to_own_key), move)
    told = None if to_own_key is None else to_own_key.id
    acceptance = desk.signer.accept_move(move, leaving.wallet.value, told)
    made = AccountMove(
        id=digest,
        person_id=account.person_id,
        account_id=account.id,
        new_address=move.receiver,
        wallet=leaving.wallet,
        amount_cents=move.amount,
        asked_at=now,
    )
    session.add(made)
    session.flush()
    _hold(session, account, made)
    if announced is not None:
        why = AnnouncementEnd.MOVED if to_own_key else AnnouncementEnd.LEFT
        announcing.end(session, announced, why, now)
    cases.withdraw_for(session, account.id, now)
    payload = {"move": vars(move), "owner_signature": signature, "acceptor_signature": acceptance}
    enqueue(session, kind="move_account", key=digest.hex(), payload=payload, now=now)
    return made


def due_moves(session: Session, now: datetime) -> list[UUID]:
    """Announced from the city's keeping, their moment come, nothing promised on them."""
    promised = exists().where(
        col(Hold.address) == col(Account.address), col(Hold.ended_at).is_(None)
    )
    query = (
        select(col(AnnouncedMove.id))
        .join(Account, col(Account.id) == col(AnnouncedMove.account_id))
        .join(Programme, col(Programme.id) == col(Account.programme_id))
        .where(
            col(AnnouncedMove.ready_at) <= now,
            announcing.standing(now),
            col(Account.wallet) == WalletKind.CUSTODIAL,
            col(Account.replaced_at).is_(None),
            col(Programme.state).not_in(ENDED),
            ~promised,
        )
    )
    return list(session.scalars(query.order_by(col(AnnouncedMove.id))))


def carry_out(session: Session, announced_id: UUID, desk: Desk, now: datetime) -> bool:
    """One of them; whether it still stood. Raises what stands in its way for now."""
    announced = session.get_one(AnnouncedMove, announced_id)
    account = session.get_one(Account, announced.account_id)
    programme = session.get_one(Programme, account.programme_id)
    lock_balances(session, [(account.address, programme.chain_id)])
    check_not_blocked(session, announced.person_id, now)
    if announcing.of_account(session, account, now) is not announced:
        return False
    check_no_guardian(session, announced.person_id, now)
    check_unused(session, announced.new_address, account, now)
    check_open(session, account, programme)
    cents = ledger.available(session, account.address, programme.id)
    check_all_free(session, account, cents)
    move = Move(
        programme.chain_id, account.address, announced.new_address, cents, _nonce(announced)
    )
    send_move(session, Leaving(account, move, WalletKind.DEVICE, announced, None), desk, now)
    letters.tell_moved(session, announced.person_id, now)
    return True


def _id(announced: AnnouncedMove | None) -> UUID:
    """The city's keys go nowhere unannounced."""
    if announced is None:
        raise Problem("signer-move-waits")
    return announced.id


def _nonce(announced: AnnouncedMove) -> bytes:
    """The same each time: what the signer signed and nobody noted counts once."""
    return typed.keccak(_NONCE + announced.id.bytes)


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
