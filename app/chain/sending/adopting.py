"""Letting a key go on after somebody else used it, a node would not take its bytes, or a row of
it was lost.

An operator's deed, on a key that is paused: nobody else writes its rows then. Nonces that the
chain has used are taken from us for good only in blocks that are final.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.chain.edge import Edge
from app.chain.errors import Reverted
from app.chain.sending.broadcasting import missing_nonces, of_key, unfinished_of
from app.chain.sending.filling import give_up, settle_replaced, surely_seen
from app.chain.typed import keccak
from app.outbox.models import ChainTransaction, TransactionState
from app.outbox.queue import UNFINISHED

STRANGER = "stranger"  # the kind of a row for a nonce of ours that somebody else used
LOST = "lost"  # of one for a nonce that no row had: it is filled


@dataclass(frozen=True)
class Place:
    role: str
    address: str
    nonce: int


@dataclass(frozen=True)
class Filled:
    """Nonces: used by strangers; taken from transactions of ours; without a row so far; the last
    and `filling` are filled at the next round."""

    strangers: tuple[int, ...]
    taken: tuple[int, ...]
    missing: tuple[int, ...]
    filling: int | None


def fill(session: Session, edge: Edge, role: str, address: str, reason: str) -> Filled:
    """Brings the key's rows in line with the chain. The key is paused by now; the caller commits.

    Where no nonce lacks its row the lowest transaction that isn't mined is given up: what it
    carried is held for the operator, unless its bytes are mined after all before the filler is.
    """
    now = edge.clock.now(session)
    with edge.client.one_node():
        head = edge.client.head().number
        deep = surely_seen(edge, head)
        final = edge.client.nonce(address, deep)
        stored = of_key(session, edge, address)
        taken = _taken(session, edge, role, deep)
        next_one = edge.client.nonce(address)
    if stored and stored[0].state not in UNFINISHED:
        next_one = max(next_one, stored[0].nonce + 1)  # the node may know less than we do
    taken = [row for row in taken if _settled_as_taken(session, edge, row)]
    strangers = range(stored[-1].nonce + 1 if stored else final, final)
    missing = missing_nonces([row for row in stored if row.nonce >= next_one], next_one)
    for nonces, made in ((strangers, stranger), (missing, lost)):
        session.add_all(made(edge, Place(role, address, one), reason, now) for one in nonces)
    return Filled(
        tuple(strangers),
        tuple(row.nonce for row in taken),
        tuple(missing),
        None if missing else _give_up_lowest(session, stored, final, reason),
    )


def _give_up_lowest(
    session: Session, stored: list[ChainTransaction], final: int, reason: str
) -> int | None:
    """Its nonce; None where there is nothing to give up."""
    open_rows = [row for row in stored if row.state in UNFINISHED and row.nonce >= final]
    if not open_rows or not give_up(session, open_rows[0].id, reason):
        return None
    return open_rows[0].nonce


def _taken(session: Session, edge: Edge, role: str, deep: int) -> list[ChainTransaction]:
    """Of all keys that the role has had: a stranger may be the reason for another."""
    return [
        row
        for row in unfinished_of(session, edge, role)
        if row.nonce < edge.client.nonce(row.signer_address, deep) and not _has_receipt(edge, row)
    ]


def _settled_as_taken(session: Session, edge: Edge, row: ChainTransaction) -> bool:
    """False where the confirmer has found its receipt meanwhile."""
    session.refresh(row, with_for_update=True)
    if row.state not in UNFINISHED:
        return False
    why = Reverted("ReasonPassed", {"because": "another transaction took its nonce"})
    settle_replaced(session, edge, row, why)
    return True


def _has_receipt(edge: Edge, row: ChainTransaction) -> bool:
    hashes = (row.hash, row.filler_hash)
    return any(edge.client.receipt(one) is not None for one in hashes if one)


def stranger(edge: Edge, place: Place, reason: str, now: datetime) -> ChainTransaction:
    """The next nonce comes after it."""
    row = _without_bytes(edge, STRANGER, place, now)
    row.state, row.final_at = TransactionState.REPLACED, now
    row.error = f"used by a transaction that isn't ours: {reason}"[:500]
    return row


def lost(edge: Edge, place: Place, reason: str, now: datetime) -> ChainTransaction:
    """Given up at once, so it is filled at the next round."""
    row = _without_bytes(edge, LOST, place, now)
    row.abandoned = f"no row had this nonce: {reason}"[:500]
    return row


def _without_bytes(edge: Edge, kind: str, place: Place, now: datetime) -> ChainTransaction:
    """Nobody gave them to us; the hash is one that no transaction has."""
    named = f"{kind} {edge.client.chain_id} {place.address} {place.nonce}"
    return ChainTransaction(
        kind=kind,
        signer=place.role,
        signer_address=place.address,
        chain_id=edge.client.chain_id,
        nonce=place.nonce,
        raw=b"",
        hash=keccak(named.encode()),
        state=TransactionState.PREPARED,
        signed_at=now,
    )
