"""A nonce that is given up is filled by a transaction that does nothing, or no later one of its
key could ever be mined. Until either is final nobody knows which of both it will be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.chain.contracts.failures import settle_refusal
from app.chain.edge import Edge
from app.chain.errors import Reverted
from app.chain.typed import keccak
from app.outbox.leases import Fence
from app.outbox.models import ChainTransaction, TransactionState
from app.outbox.queue import UNFINISHED, carried
from app.outbox.service import incident_passed

EMPTY_GAS = 21_000
LATE_RECEIPTS = 3  # blocks: some nodes know a nonce before they find the receipt
TOO_LARGE = "TransactionTooLarge"
REFUSED = "transaction_refused"  # an incident, until a node takes it or its nonce is used


def give_up(session: Session, transaction_id: UUID, reason: str) -> bool:
    """Fill its nonce at the next round, unless it is mined; False when there is nothing to fill."""
    row = session.get_one(ChainTransaction, transaction_id, with_for_update=True)
    if row.state not in UNFINISHED or row.abandoned is not None:
        return False
    row.abandoned = reason[:500]
    return True


def sign_filler(edge: Edge, fence: Fence, transaction: ChainTransaction) -> ChainTransaction:
    """Stored, as everything is, before it is sent: nothing to itself, with the same nonce."""
    raw = sign_nothing(edge, transaction)
    with edge.database.transaction() as session:
        fence.check(session)
        row = session.get_one(ChainTransaction, transaction.id, with_for_update=True)
        row.filler_raw, row.filler_hash = raw, keccak(raw)
        row.state = TransactionState.PREPARED
    return row


def sign_nothing(edge: Edge, row: ChainTransaction) -> bytes:
    """Its key's, to itself, with its nonce."""
    unsigned: dict[str, Any] = {
        "type": 2,
        "chainId": row.chain_id,
        "nonce": row.nonce,
        "gas": EMPTY_GAS,
        "to": row.signer_address,
        "value": 0,
        "data": "0x",
        "maxFeePerGas": edge.gas_price,
        "maxPriorityFeePerGas": edge.gas_price,
    }
    return edge.signer.sign_transaction(row.signer, unsigned)


def surely_seen(edge: Edge, head: int) -> int:
    """The block up to which a nonce that is used, and not by a receipt of ours, is another's."""
    return max(head - max(edge.chain.finality_depth, LATE_RECEIPTS), 0)


def settle_replaced(session: Session, edge: Edge, row: ChainTransaction, why: Reverted) -> None:
    """Another transaction has its nonce for good: what it carried was never done, and can't be
    by these bytes any more. The row is locked by the caller."""
    now = edge.clock.now(session)
    row.state, row.error, row.final_at = TransactionState.REPLACED, str(why)[:500], now
    incident_passed(session, code=REFUSED, now=now, reference=str(row.id))
    settle_refusal(session, carried(session, row.id), why, now, edge.on_failure)


def why_filled(row: ChainTransaction) -> Reverted:
    """Too large is the content's fault; what an operator gave up, an operator decides on."""
    reason = row.abandoned or ""
    name = TOO_LARGE if reason.startswith(TOO_LARGE) else "Abandoned"
    return Reverted(name, {"because": reason.removeprefix(f"{TOO_LARGE}: ")})
