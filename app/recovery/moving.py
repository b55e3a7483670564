"""An owner goes on with other accounts: to a device's keys, from one device's to another's, or
back to the city's. Each move is signed by the account that is left; the account that is entered
signs too, or the city's signer holds its key, so nothing ever goes to a key that nobody has.

To a key of the owner's own a move is announced first, for a day where an old passkey has signed
for it.
The free cents are held until the chain has moved them, and no other hold may stand. Callers commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.chain import typed
from app.chain.typed_recovery import Move
from app.db import uuid7
from app.errors import NotFound, Problem
from app.identity.accounts import find_account
from app.identity.blocks import check_not_blocked
from app.identity.models import Account, WalletKind
from app.recovery import announcing, letters, problems
from app.recovery.move_checks import (
    check_all_free,
    check_no_guardian,
    check_open,
    check_signed,
    check_unused,
)
from app.recovery.move_models import AccountMove, AnnouncedMove
from app.recovery.sending_moves import Acceptor, Leaving, send_move
from app.rewards.models import Programme
from app.rewards.money.entries import lock_balances

__all__ = ["problems"]


class MoveSigner(Acceptor, Protocol):
    """The same for the owner's session."""

    def announce_move(
        self,
        announced: UUID,
        move: Move,
        receiver_signature: bytes,
        passkey: dict[str, Any] | None,
    ) -> datetime: ...


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
    """Whose accounts move, and to whose keeping. `passkey`: what an old one answered for all."""

    person_id: UUID
    wallet: WalletKind
    desk: MoveDesk
    now: datetime
    passkey: dict[str, Any] | None = None


@dataclass(frozen=True)
class _One:
    """A move with what is known of it here."""

    said: SignedMove
    account: Account
    programme: Programme
    known: AnnouncedMove | None
    at_once: bool

    @property
    def struct(self) -> Move:
        one = self.said
        return Move(self.programme.chain_id, one.sender, one.receiver, one.amount_cents, one.nonce)


def move_accounts(
    session: Session, moves: Sequence[SignedMove], asked: Asked
) -> list[AccountMove | AnnouncedMove]:
    """All of them or none; one that was accepted before and goes on is answered as it is.

    Raises NotFound, and the problems of app.recovery.move_checks.
    """
    for named in ({one.programme_id for one in moves}, {one.receiver for one in moves}):
        if len(named) < len(moves):
            raise Problem("moves-twice", field="moves")
    found = [(one, *_account(session, asked.person_id, one)) for one in moves]
    lock_balances(session, [(one.sender, programme.chain_id) for one, _, programme in found])
    check_not_blocked(session, asked.person_id, asked.now)
    ones = [_known(session, *one, asked) for one in found]
    done = [session.get(AccountMove, _digest(one, asked)) for one in ones]
    for one, before in zip(ones, done, strict=True):  # all, before the signer counts any of them
        if before is None:
            _check(session, one, asked)
    asked = replace(asked, passkey=_proof(ones, asked))
    made = [before or _ask(session, one, asked) for one, before in zip(ones, done, strict=True)]
    new = [one for one, before in zip(made, done, strict=True) if one is not before]
    _tell(session, new, asked)
    return made


def _account(session: Session, person_id: UUID, one: SignedMove) -> tuple[Account, Programme]:
    """The person's current account in the programme, which is the one that they signed for."""
    account = find_account(session, person_id, one.programme_id)
    if account is None:
        raise NotFound("not-found", field="programme_id")
    if account.address != one.sender:
        raise Problem("move-changed", field="sender")
    return account, session.get_one(Programme, one.programme_id)


def _known(
    session: Session, said: SignedMove, account: Account, programme: Programme, asked: Asked
) -> _One:
    known = announcing.of_account(session, account, asked.now)
    waited = known is not None and known.ready_at <= asked.now
    back = asked.wallet is WalletKind.CUSTODIAL
    return _One(said, account, programme, known, back or waited)


def _check(session: Session, one: _One, asked: Asked) -> None:
    check_open(session, one.account, one.programme)
    check_unused(session, one.said.receiver, one.account, asked.now)
    to_own_key = asked.wallet is WalletKind.DEVICE
    if to_own_key:
        check_no_guardian(session, asked.person_id, asked.now)
    if to_own_key and one.known is not None and one.known.new_address != one.said.receiver:
        raise Problem("move-announced", field="receiver")
    if one.at_once:
        check_all_free(session, one.account, one.said.amount_cents)
    if to_own_key:
        signature = one.said.receiver_signature
        check_signed(_digest(one, asked), signature, one.said.receiver, "receiver_signature")
    elif one.account.wallet is WalletKind.CUSTODIAL:
        raise Problem("move-changed", field="wallet")  # the city has that key already
    if one.account.wallet is WalletKind.DEVICE:
        signature = one.said.owner_signature
        check_signed(_digest(one, asked), signature, one.said.sender, "owner_signature")


def _ask(session: Session, one: _One, asked: Asked) -> AccountMove | AnnouncedMove:
    announced = one.known
    if asked.wallet is WalletKind.DEVICE and announced is None:
        announced = _announce(session, one, asked)
    if announced is not None and not one.at_once:
        return announced
    by_device = one.account.wallet is WalletKind.DEVICE
    leaving = Leaving(
        account=one.account,
        move=one.struct,
        wallet=asked.wallet,
        announced=announced,
        owner_signature=one.said.owner_signature if by_device else None,
    )
    return send_move(session, leaving, asked.desk, asked.now)


def _announce(session: Session, one: _One, asked: Asked) -> AnnouncedMove:
    """Said to the signer, whose word its moment is: sooner with an old passkey's answer."""
    announced = uuid7()
    ready = asked.desk.signer.announce_move(
        announced, one.struct, one.said.receiver_signature or b"", asked.passkey
    )
    row = AnnouncedMove(
        id=announced,
        person_id=asked.person_id,
        account_id=one.account.id,
        new_address=one.said.receiver,
        asked_at=asked.now,
        ready_at=ready,
    )
    session.add(row)
    session.flush()
    return row


def _proof(ones: Sequence[_One], asked: Asked) -> dict[str, Any] | None:
    """The answer, with what it is an answer to."""
    digests = ["0x" + _digest(one, asked).hex() for one in ones]
    return asked.passkey and {"credential": asked.passkey, "moves": digests}


def _digest(one: _One, asked: Asked) -> bytes:
    return typed.digest(asked.desk.domain, one.struct)


def _tell(session: Session, new: Sequence[AccountMove | AnnouncedMove], asked: Asked) -> None:
    """Of what this request began: one letter for all that wait, one for all that move."""
    waits = [one for one in new if isinstance(one, AnnouncedMove)]
    fresh = [one.ready_at for one in waits if one.asked_at == asked.now]
    if fresh:
        letters.tell_announced(session, asked.person_id, min(fresh), asked.now)
    if len(waits) < len(new):
        letters.tell_moved(session, asked.person_id, asked.now)
