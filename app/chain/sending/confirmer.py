"""Confirming: from a stored transaction to a final outcome, by receipts alone.

Mined is when a receipt's block is the canonical one of its number; final when the descriptor's
depth of blocks lies on top. Whatever a reorganisation takes back goes back here too. A missing
receipt means nothing as long as the nonce is open; once it is used without one, a stranger has
our key. What final events change in the books is the indexer's work, not this one's.
"""

from __future__ import annotations

from uuid import UUID

from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.desks import call_for
from app.chain.contracts.expected import has_event, skipped
from app.chain.contracts.failures import settle, settle_refusal, settle_skipped
from app.chain.edge import Edge, check_not_halted, stopping
from app.chain.errors import KeyUsedElsewhere, Reverted
from app.chain.rpc.answers import Receipt
from app.chain.sending.by_key import each
from app.chain.sending.filling import REFUSED, settle_replaced, surely_seen, why_filled
from app.chain.sending.sender import stop_key
from app.outbox.leases import Fence
from app.outbox.models import ChainTransaction, TransactionState
from app.outbox.queue import UNFINISHED, carried
from app.outbox.service import incident_passed, report_incident


def run(edge: Edge, fence: Fence) -> int:
    """Look at every unfinished transaction, oldest first; how many became final or failed."""
    with edge.database.session() as session:
        check_not_halted(session)
        query = select(ChainTransaction).where(col(ChainTransaction.state).in_(UNFINISHED))
        unfinished = list(session.scalars(query.order_by(col(ChainTransaction.id))))
    if not unfinished:
        return 0
    with stopping(edge), edge.client.one_node():
        head = edge.client.head().number
        by_key = ((transaction.signer, transaction) for transaction in unfinished)
        return each(edge, fence, by_key, lambda one: confirm(edge, fence, one, head))


def confirm(edge: Edge, fence: Fence, transaction: ChainTransaction, head: int) -> bool:
    """One transaction's next step. True when that was its last."""
    receipt = edge.client.receipt(transaction.hash)
    filled = receipt is None and transaction.filler_hash is not None
    if filled and transaction.filler_hash:
        receipt = edge.client.receipt(transaction.filler_hash)
    if receipt is None:
        return _without_receipt(edge, fence, transaction, head)
    block = edge.client.block(receipt.block_number)
    if block is None or block.hash != receipt.block_hash:
        return False  # a reorganisation under way: the next round sees one side of it
    if head - receipt.block_number < edge.chain.finality_depth:
        with edge.database.transaction() as session:
            fence.check(session)
            _note_mined(session, edge, transaction.id, receipt)
        return False
    reason = None if receipt.succeeded else _why(edge, transaction, receipt)
    with edge.database.transaction() as session:
        fence.check(session)
        row = _note_mined(session, edge, transaction.id, receipt)
        done = row.state in UNFINISHED
        if done and filled:
            settle_replaced(session, edge, row, why_filled(row))
        elif done:
            done = not receipt.succeeded or _says_so(session, edge, row, receipt)
            if done:
                _finish(session, edge, row, receipt, reason)
    return done


def _says_so(session: Session, edge: Edge, row: ChainTransaction, receipt: Receipt) -> bool:
    """Whether a receipt of success holds the events that it must: a node that has lost them, or a
    contract that isn't ours, would let rows pass for done that nobody did."""
    missing = [item for item in carried(session, row.id) if not has_event(edge, item, receipt)]
    now, reference = edge.clock.now(session), str(row.id)
    if not missing:
        incident_passed(session, code="receipt_without_event", now=now, reference=reference)
        return True
    detail = f"{row.kind}: the receipt of a success lacks the event of {missing[0].key}"
    report_incident(
        session, code="receipt_without_event", detail=detail, now=now, reference=reference
    )
    return False


def _without_receipt(edge: Edge, fence: Fence, transaction: ChainTransaction, head: int) -> bool:
    """Another transaction has the nonce only if that is final: a receipt can come late."""
    deep = surely_seen(edge, head)
    address, hashes = transaction.signer_address, (transaction.hash, transaction.filler_hash)
    stolen = (
        edge.client.nonce(address) > transaction.nonce
        and edge.client.nonce(address, deep) > transaction.nonce
        and not any(edge.client.receipt(one) for one in hashes if one)  # mined in between
    )
    if not stolen and transaction.state is not TransactionState.MINED:
        return False
    with edge.database.transaction() as session:
        fence.check(session)
        row = session.get_one(ChainTransaction, transaction.id, with_for_update=True)
        if row.state is TransactionState.MINED:
            row.state = TransactionState.BROADCAST
            row.mined_at = row.block_number = row.block_hash = row.gas_used = None
        if stolen and row.state in UNFINISHED:
            detail = f"{row.signer}: nonce {row.nonce} was used by another transaction"
            stop_key(session, edge, row.signer, KeyUsedElsewhere(detail))
    return False


def _note_mined(
    session: Session, edge: Edge, transaction_id: UUID, receipt: Receipt
) -> ChainTransaction:
    """As it is where an operator has decided on it meanwhile."""
    row = session.get_one(ChainTransaction, transaction_id, with_for_update=True)
    if row.state not in UNFINISHED:
        return row
    if row.state is not TransactionState.MINED or row.block_hash != receipt.block_hash:
        row.mined_at = edge.clock.now(session)
    row.state = TransactionState.MINED
    row.block_number, row.block_hash = receipt.block_number, receipt.block_hash
    row.gas_used = receipt.gas_used
    return row


def _finish(
    session: Session,
    edge: Edge,
    row: ChainTransaction,
    receipt: Receipt,
    reason: Reverted | None,
) -> None:
    """The outcome is final: write it down, for the transaction and each row that it carried."""
    now = edge.clock.now(session)
    row.final_at = now
    incident_passed(session, code=REFUSED, now=now, reference=str(row.id))
    items = carried(session, row.id)
    if reason is not None:
        row.state, row.error = TransactionState.FAILED, str(reason)[:500]
        settle_refusal(session, items, reason, now, edge.on_failure)
        return
    row.state = TransactionState.FINAL
    for item in items:
        if (left_out := skipped(edge, item, receipt)) is not None:
            settle_skipped(session, item, left_out, now, edge.on_failure)
        else:
            settle(session, item, now)


def _why(edge: Edge, transaction: ChainTransaction, receipt: Receipt) -> Reverted:
    """Why a mined transaction reverted, by asking again.

    If it would succeed now, what stood in its way has passed, and it may simply go out again; but
    for one that used up its gas: it was tried too low, and would be again.
    """
    with edge.database.session() as session:
        items = carried(session, transaction.id)
    if not items:
        return Reverted("Unknown", {})
    call = call_for(edge, items)
    try:
        edge.client.read(call.to, call.data, sender=transaction.signer_address)
    except Reverted as error:
        return error
    most = int(TypedTransaction.from_bytes(HexBytes(transaction.raw)).as_dict()["gas"])
    if receipt.gas_used > most - most // 16:  # a call keeps a 64th back from those it makes
        return Reverted("OutOfGas", {"used": receipt.gas_used, "most": most})
    return Reverted("ReasonPassed", {})
