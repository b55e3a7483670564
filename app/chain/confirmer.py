"""Confirming: from a stored transaction to a final outcome, by receipts alone.

Mined is when a receipt's block is the canonical one of its number; final when the descriptor's
depth of blocks lies on top. Whatever a reorganisation takes back goes back here too. A missing
receipt means nothing as long as the nonce is open; once it is used without one, a stranger has
our key. What final events change in the books is the indexer's work, not this one's.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.calls import call_of
from app.chain.edge import Edge, check_not_halted, each
from app.chain.errors import Reverted
from app.chain.failures import settle_refusal
from app.chain.said import Receipt
from app.outbox.leases import Fence
from app.outbox.models import ChainTransaction, OutboxItem, OutboxState, TransactionState
from app.outbox.queue import UNFINISHED
from app.outbox.service import report_incident


def run(edge: Edge, fence: Fence) -> int:
    """Look at every unfinished transaction, oldest first; how many became final or failed."""
    with edge.database.session() as session:
        check_not_halted(session)
        query = select(ChainTransaction).where(col(ChainTransaction.state).in_(UNFINISHED))
        unfinished = list(session.scalars(query.order_by(col(ChainTransaction.id))))
    if not unfinished:
        return 0
    head = edge.client.head().number
    return each(unfinished, lambda transaction: confirm(edge, fence, transaction, head))


def confirm(edge: Edge, fence: Fence, transaction: ChainTransaction, head: int) -> bool:
    """One transaction's next step. True when that was its last."""
    receipt = edge.client.receipt(transaction.hash)
    if receipt is None:
        _without_receipt(edge, fence, transaction)
        return False
    block = edge.client.block(receipt.block_number)
    if block is None or block.hash != receipt.block_hash:
        return False  # a reorganisation under way: the next round sees one side of it
    if head - receipt.block_number < edge.chain.finality_depth:
        with edge.database.transaction() as session:
            fence.check(session)
            _note_mined(session, edge, transaction.id, receipt)
        return False
    reason = None if receipt.succeeded else _why(edge, transaction)
    with edge.database.transaction() as session:
        fence.check(session)
        _note_mined(session, edge, transaction.id, receipt)
        _finish(session, edge, transaction.id, reason)
    return True


def _without_receipt(edge: Edge, fence: Fence, transaction: ChainTransaction) -> None:
    stolen = (
        edge.client.nonce(transaction.signer_address) > transaction.nonce
        and edge.client.receipt(transaction.hash) is None  # mined between the two questions
    )
    if not stolen and transaction.state is not TransactionState.MINED:
        return
    with edge.database.transaction() as session:
        fence.check(session)
        row = session.get_one(ChainTransaction, transaction.id, with_for_update=True)
        if row.state is TransactionState.MINED:
            row.state = TransactionState.BROADCAST
            row.mined_at = row.block_number = row.block_hash = row.gas_used = None
        if stolen:
            report_incident(
                session,
                code="key_used_elsewhere",
                detail=f"{row.signer}: nonce {row.nonce} was used by another transaction",
                now=edge.clock.now(session),
                reference=row.signer,
            )


def _note_mined(session: Session, edge: Edge, transaction_id: UUID, receipt: Receipt) -> None:
    row = session.get_one(ChainTransaction, transaction_id, with_for_update=True)
    if row.state is not TransactionState.MINED or row.block_hash != receipt.block_hash:
        row.mined_at = edge.clock.now(session)
    row.state = TransactionState.MINED
    row.block_number, row.block_hash = receipt.block_number, receipt.block_hash
    row.gas_used = receipt.gas_used


def _finish(session: Session, edge: Edge, transaction_id: UUID, reason: Reverted | None) -> None:
    """The outcome is final: write it down, for the transaction and the rows that it carried."""
    now = edge.clock.now(session)
    row = session.get_one(ChainTransaction, transaction_id)
    row.final_at = now
    items = _carried(session, transaction_id)
    if reason is not None:
        row.state, row.error = TransactionState.FAILED, str(reason)[:500]
        settle_refusal(session, items, reason, now, edge.on_failure)
        return
    row.state = TransactionState.FINAL
    for item in items:
        item.state, item.final_at, item.last_error = OutboxState.FINAL, now, None


def _carried(session: Session, transaction_id: UUID) -> list[OutboxItem]:
    query = (
        select(OutboxItem)
        .where(
            col(OutboxItem.transaction_id) == transaction_id,
            col(OutboxItem.state) == OutboxState.SENT,
        )
        .order_by(col(OutboxItem.id))
        .with_for_update()
    )
    return list(session.scalars(query))


def _why(edge: Edge, transaction: ChainTransaction) -> Reverted:
    """Why a mined transaction reverted, by asking again.

    If it would succeed now, what stood in its way has passed: it may simply go out again.
    """
    with edge.database.session() as session:
        items = _carried(session, transaction.id)
    if not items:
        return Reverted("Unknown", {})
    call = call_of(items, edge.addresses)
    try:
        edge.client.read(call.to, call.data, sender=transaction.signer_address)
    except Reverted as error:
        return error
    return Reverted("ReasonPassed", {})
