"""Letting a key go on after somebody else used it, or after a node would not take its bytes.

An operator's deed, on a key that is paused: nobody else writes its rows then. Nonces that the
chain has used are taken from us for good only in blocks that are final.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.chain.broadcasting import of_key
from app.chain.edge import Edge
from app.chain.errors import Reverted
from app.chain.filling import give_up, settle_replaced
from app.chain.typed import keccak
from app.outbox.models import ChainTransaction, TransactionState
from app.outbox.queue import UNFINISHED

STRANGER = "stranger"  # the kind of a row for a nonce of ours that somebody else used


@dataclass(frozen=True)
class Place:
    role: str
    address: str
    nonce: int


@dataclass(frozen=True)
class Filled:
    """Nonces: used by strangers; taken from transactions of ours; filled at the next round."""

    strangers: tuple[int, ...]
    taken: tuple[int, ...]
    filling: int | None


def fill(session: Session, edge: Edge, role: str, address: str, reason: str) -> Filled:
    """Brings the key's rows in line with the chain. The key is paused by now; the caller commits.

    The lowest transaction that isn't mined is given up: what it carried is held for the operator,
    unless its bytes are mined after all before the filler is.
    """
    now = edge.clock.now(session)
    with edge.client.one_node():
        head = edge.client.head().number
        final = edge.client.nonce(address, max(head - edge.chain.finality_depth, 0))
        stored = of_key(session, edge, address)
        taken = [row for row in stored if row.state in UNFINISHED and row.nonce < final]
        taken = [row for row in taken if not _has_receipt(edge, row)]
    for row in taken:
        why = Reverted("ReasonPassed", {"because": "another transaction took its nonce"})
        settle_replaced(session, edge, session.get_one(ChainTransaction, row.id), why)
    first = stored[-1].nonce + 1 if stored else final
    for nonce in range(first, final):
        session.add(_stranger(edge, Place(role, address, nonce), reason, now))
        session.flush()
    open_rows = [row for row in stored if row.state in UNFINISHED and row.nonce >= final]
    filling = open_rows[0] if open_rows else None
    if filling is not None and not give_up(session, filling.id, reason):
        filling = None
    return Filled(
        tuple(range(first, final)),
        tuple(row.nonce for row in taken),
        None if filling is None else filling.nonce,
    )


def _has_receipt(edge: Edge, row: ChainTransaction) -> bool:
    hashes = (row.hash, row.filler_hash)
    return any(edge.client.receipt(one) is not None for one in hashes if one)


def _stranger(edge: Edge, place: Place, reason: str, now: datetime) -> ChainTransaction:
    """Without bytes: nobody gave them to us. The next nonce comes after it."""
    named = f"{STRANGER} {edge.client.chain_id} {place.address} {place.nonce}"
    return ChainTransaction(
        kind=STRANGER,
        signer=place.role,
        signer_address=place.address,
        chain_id=edge.client.chain_id,
        nonce=place.nonce,
        raw=b"",
        hash=keccak(named.encode()),
        state=TransactionState.REPLACED,
        signed_at=now,
        final_at=now,
        error=f"used by a transaction that isn't ours: {reason}"[:500],
    )
