"""What refunds and late credits bring to a replaced account goes on to its successor.

The acceptor countersigns for what no hold stands on; a hold of its own keeps the same cents from
being sent twice, and ends when the chain has moved them.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.chain.typed_recovery import Forward
from app.identity.models import Account
from app.outbox.service import enqueue
from app.rewards.life import ENDED
from app.rewards.models import Balance, Programme
from app.rewards.money import ledger

REASON = "forward"


class Acceptor(Protocol):
    """What this needs of the signer process: app.chain.signer.SignerClient."""

    def accept_forward(self, forward: Forward) -> bytes: ...


def forward_next(
    session: Session, domain: typed.Domain, acceptor: Acceptor, now: datetime, tried: set[UUID]
) -> bool:
    """One account that was not `tried` in this round, which it is then, in the caller's
    transaction; whether there was one. `domain`: Recovery's."""
    for account, programme in session.execute(_replaced_with_something()):
        if account.id in tried:
            continue
        free = ledger.lock_account(session, account.address, programme.id)
        if free <= 0:
            continue
        tried.add(account.id)
        struct = Forward(programme.chain_id, account.address, free, secrets.token_bytes(32))
        ledger.hold(
            session,
            address=account.address,
            programme_id=programme.id,
            amount_cents=free,
            reason=REASON,
            reference=typed.digest(domain, struct),
            now=now,
        )
        payload = {"forwarded": vars(struct), "acceptor_signature": acceptor.accept_forward(struct)}
        _send(session, payload, typed.digest(domain, struct), now)
        return True
    return False


def _replaced_with_something() -> Any:
    return (
        select(Account, Programme)
        .join(Programme, col(Programme.id) == col(Account.programme_id))
        .join(
            Balance,
            (col(Balance.address) == col(Account.address))
            & (col(Balance.programme_chain_id) == col(Programme.chain_id)),
        )
        .where(
            col(Account.replaced_at).is_not(None),
            col(Balance.final_cents) > 0,
            col(Programme.state).not_in(ENDED),
        )
        .order_by(col(Account.address))
    )


def _send(session: Session, payload: dict[str, Any], digest: bytes, now: datetime) -> None:
    enqueue(session, kind="forward", key=digest.hex(), payload=payload, now=now)
