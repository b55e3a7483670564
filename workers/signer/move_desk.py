"""What the signer does for an owner who goes on with another account.

To a key of the owner's own it signs and accepts only what it heard of before and what has waited,
by its own clock: see `workers.signer.heard`. All that leaves the city's keeping in a day stays
within a ceiling.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.chain.signer_protocol import from_hex, struct_from_json
from app.chain.typed_recovery import Move
from app.errors import Problem
from app.identity.models import WalletKind
from app.identity.signer_models import HeardMove, SignedMove, WalletKey
from workers.signer import checks, heard, move_checks, passkeys
from workers.signer.cards import check_by_session
from workers.signer.limits import Limits

if TYPE_CHECKING:
    from workers.signer.operations import Signer

DAY = timedelta(hours=24)


class MoveDesk:
    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def operations(self) -> dict[str, Callable[..., Any]]:
        return {
            "announce_move": self.announce_move,
            "sign_move": self.sign_move,
            "accept_move": self.accept_move,
            "tidy_moves": self.tidy_moves,
        }

    def announce_move(
        self,
        token: str,
        announced: str,
        move: dict[str, Any],
        receiver_signature: str,
        passkey: dict[str, Any] | None = None,
    ) -> str:
        """When it may be done: of the owner's session, freshly proved, to a key that has signed
        for itself. At once if an old passkey signed for these very moves."""
        struct = struct_from_json(Move, move)
        digest = typed.digest(self._signer.contracts.recovery, struct)
        with self._signer.database.transaction() as session:
            now = self._signer.clock.now(session)
            asker = self._signer.asker(session, token, None, now)
            checks.check_own(asker)
            if not asker.proved:
                raise Problem("step-up-needed")
            owner = asker.person_id
            move_checks.check_current(session, struct.sender, struct.programme_id, owner, now)
            check_by_session(session, owner)
            _check_own_key(digest, from_hex(receiver_signature), struct.receiver)
            wait = self._signer.limits.move_notice
            if passkey is not None:
                site, notice, wait = self._signer.site, wait, timedelta()
                passkeys.check_old(session, site, owner, digest, passkey, notice=notice, now=now)
            row = _heard(UUID(announced), owner, struct, now, now + wait)
            return heard.note(session, row).isoformat()

    def sign_move(self, announced: str, move: dict[str, Any]) -> str:
        """With a custodial account's key, which pays nothing afterwards."""
        struct = struct_from_json(Move, move)
        digest = typed.digest(self._signer.contracts.recovery, struct)
        with self._signer.database.transaction() as session:
            now = self._signer.clock.now(session)
            owner = heard.ripe(session, UUID(announced), struct, now).person_id
            checks.check_account(session, struct.sender, struct.programme_id, owner, now)
            if session.get(SignedMove, digest) is None:  # asked again, counted once
                _check_ceiling(session, struct.amount, self._signer.limits, now)
                session.add(_signed(digest, struct.amount, owner, now))
                session.flush()
            key = self._signer.wallets.key(session, struct.sender)
        return "0x" + typed.sign(digest, key).hex()

    def accept_move(self, move: dict[str, Any], wallet: str, announced: str | None = None) -> str:
        """The acceptor's word: of a current account on which nothing is promised, to a key that
        is held here where the city is to hold it, or to one that was announced in time."""
        struct = struct_from_json(Move, move)
        with self._signer.database.session() as session:
            now = self._signer.clock.now(session)
            owner = move_checks.check_movable(session, struct.sender, struct.programme_id, now)
            here = session.get(WalletKey, struct.receiver) is not None
            if here is not (WalletKind(wallet) is WalletKind.CUSTODIAL):
                raise Problem("signer-order-refused")
            if not here:
                if announced is None:
                    raise Problem("signer-move-waits")
                if heard.ripe(session, UUID(announced), struct, now).person_id != owner:
                    raise Problem("signer-order-refused")
        return self._signer.accepted(struct)

    def tidy_moves(self) -> int:
        """Passkeys it had not seen, and what has passed; nobody says which."""
        with self._signer.database.transaction() as session:
            now = self._signer.clock.now(session)
            return passkeys.look(session, now) + heard.forget(session, now)


def _check_own_key(digest: bytes, signature: bytes, address: str) -> None:
    """Whoever names the new account has its key."""
    try:
        signer = typed.recover(digest, signature)
    except typed.BadSignature as error:
        raise Problem("signer-order-refused") from error
    if signer != address:
        raise Problem("signer-order-refused")


def _heard(
    announced: UUID, person_id: UUID, move: Move, now: datetime, ready: datetime
) -> HeardMove:
    return HeardMove(
        id=announced,
        person_id=person_id,
        programme_id=move.programme_id,
        sender=move.sender,
        receiver=move.receiver,
        heard_at=now,
        ready_at=ready,
    )


def _signed(digest: bytes, amount: int, person_id: UUID, now: datetime) -> SignedMove:
    return SignedMove(id=digest, person_id=person_id, amount_cents=amount, signed_at=now)


def _check_ceiling(session: Session, amount: int, limits: Limits, now: datetime) -> None:
    """What may leave the city's keeping in 24 hours, all people together; one at a time."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('signer.moves', 0))"))
    lately = select(func.coalesce(func.sum(col(SignedMove.amount_cents)), 0)).where(
        col(SignedMove.signed_at) > now - DAY
    )
    if int(session.scalar(lately) or 0) + amount > limits.moves_day_cents:
        raise Problem("signer-moves-ceiling")
