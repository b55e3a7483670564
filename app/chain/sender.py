"""Sending: sign, store nonce and bytes and hash, commit, and only then hand over to a node.

One unmined transaction per key: so a simulation always sees what came before, no gap can open, and
rows of one signer reach the chain in their order. A crash anywhere leaves either nothing, or stored
bytes that are sent again as they are; the same bytes can't execute twice. When the chain went back
(a node came back from its last dump) everything above its nonce is sent again, in nonce order.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.calls import Call, call_of
from app.chain.edge import Edge, check_not_halted, each
from app.chain.errors import (
    AlreadyKnown,
    KeyUsedElsewhere,
    NodeBehind,
    NodeRefused,
    NonceUsed,
    NotFunded,
    PermanentError,
    Reverted,
)
from app.chain.failures import settle_refusal
from app.chain.typed import keccak
from app.outbox.leases import Fence
from app.outbox.models import ChainTransaction, OutboxItem, OutboxState, TransactionState
from app.outbox.queue import UNFINISHED, lock_waiting, next_items, signers_at_work
from app.outbox.service import report_incident

TRANSACTION_GAS = 16_700_000  # EIP-7825 caps a transaction at 16,777,216


def run(edge: Edge, fence: Fence) -> int:
    """One round over all signers with something to do; how many new transactions were sent."""
    with edge.database.session() as session:
        check_not_halted(session)
        roles = signers_at_work(session)
    return each(roles, lambda role: serve(edge, fence, role))


def serve(edge: Edge, fence: Fence, role: str) -> bool:
    """Send again what isn't mined, else the next rows. True if a new transaction went out."""
    try:
        if not rebroadcast(edge, fence, role):
            return False
    except KeyUsedElsewhere as error:
        with edge.database.transaction() as session:
            _report(session, edge, "key_used_elsewhere", str(error), role)
        return False
    prepared = prepare(edge, fence, role)
    if prepared is not None:
        broadcast(edge, fence, prepared)
    return prepared is not None


def rebroadcast(edge: Edge, fence: Fence, role: str) -> bool:
    """Send stored bytes above the chain's nonce again, in order. True when none is left."""
    address = edge.signer.address_of(role)
    with edge.database.session() as session:
        stored = _of_key(session, edge, address)
    mined = edge.client.nonce(address)
    _check_nonces(stored, mined, address)
    unmined = [row for row in stored if row.nonce >= mined]
    for row in unmined:
        broadcast(edge, fence, row)
    return not unmined


def prepare(edge: Edge, fence: Fence, role: str) -> ChainTransaction | None:
    """Choose rows, simulate, sign and store; nothing has left the process when this returns."""
    items = _next(edge, fence, role)
    if not items:
        return None
    address = edge.signer.address_of(role)
    call = call_of(items, edge.addresses)
    try:
        gas = _gas(edge, call, address)
    except (Reverted, NodeRefused, NotFunded) as error:
        refusal = error if isinstance(error, Reverted) else Reverted("Refused", {"by": str(error)})
        with edge.database.transaction() as session:
            fence.check(session)
            mine = lock_waiting(session, items)
            settle_refusal(session, mine, refusal, edge.clock.now(session), edge.on_failure)
        return None
    transaction = _signed(edge, role, address, call, gas)
    transaction.kind = items[0].kind
    with edge.database.transaction() as session:
        fence.check(session)
        _store(session, transaction, lock_waiting(session, items))
    return transaction


def _next(edge: Edge, fence: Fence, role: str) -> list[OutboxItem]:
    """The rows whose turn it is; what depends on the turn is written before they are simulated."""
    with edge.database.session() as session:
        items = next_items(session, role, edge.clock.now(session))
    if not items or items[0].kind not in edge.on_turn:
        return items
    with edge.database.transaction() as session:
        fence.check(session)
        mine = lock_waiting(session, items)
        for item in mine:
            edge.on_turn[item.kind](session, item)
    return mine


def broadcast(edge: Edge, fence: Fence, transaction: ChainTransaction) -> None:
    """Hand the stored bytes to a node, any number of times."""
    try:
        edge.client.send_raw(transaction.raw)
    except AlreadyKnown:
        pass
    except NonceUsed:
        return  # mined meanwhile, or taken by another: the confirmer finds out
    except PermanentError as error:
        with edge.database.transaction() as session:
            reference = str(transaction.id)
            _report(session, edge, "transaction_refused", str(error), reference)
        return
    with edge.database.transaction() as session:
        fence.check(session)
        row = session.get_one(ChainTransaction, transaction.id, with_for_update=True)
        if row.state in UNFINISHED:
            row.state = TransactionState.BROADCAST
            row.broadcast_at = edge.clock.now(session)


def _of_key(session: Session, edge: Edge, address: str) -> list[ChainTransaction]:
    """The key's unfinished transactions and its last finished one, in nonce order."""
    mine = (
        col(ChainTransaction.signer_address) == address,
        col(ChainTransaction.chain_id) == edge.client.chain_id,
    )
    finished = select(func.max(col(ChainTransaction.nonce))).where(
        *mine, col(ChainTransaction.state).not_in(UNFINISHED)
    )
    last = session.scalar(finished)
    query = select(ChainTransaction).where(
        *mine, col(ChainTransaction.nonce) >= (-1 if last is None else last)
    )
    return list(session.scalars(query.order_by(col(ChainTransaction.nonce))))


def _check_nonces(stored: list[ChainTransaction], mined: int, address: str) -> None:
    if not stored:
        return
    if mined > stored[-1].nonce + 1:
        raise KeyUsedElsewhere(f"{address}: nonce {mined} on the chain, {stored[-1].nonce} is ours")
    if stored[0].state not in UNFINISHED and mined <= stored[0].nonce:
        raise NodeBehind(f"{address}: nonce {stored[0].nonce} was final, the node is at {mined}")


def _gas(edge: Edge, call: Call, address: str) -> int:
    """Gas limit with room. Raises Reverted when the call would fail, or needs too much."""
    needed = edge.client.estimate(call.to, call.data, address)
    if needed > TRANSACTION_GAS:
        raise Reverted("TransactionTooLarge", {"gas": needed})
    return min(needed + needed // 4 + 20_000, TRANSACTION_GAS)


def _signed(edge: Edge, role: str, address: str, call: Call, gas: int) -> ChainTransaction:
    """The next transaction of the key; its nonce comes from the rows, at first from the chain."""
    with edge.database.session() as session:
        stored = _of_key(session, edge, address)
        now = edge.clock.now(session)
    nonce = stored[-1].nonce + 1 if stored else edge.client.nonce(address)
    unsigned: dict[str, Any] = {
        "type": 2,
        "chainId": edge.client.chain_id,
        "nonce": nonce,
        "gas": gas,
    }
    unsigned |= {"to": call.to, "value": 0, "data": "0x" + call.data.hex()}
    unsigned |= {"maxFeePerGas": edge.gas_price, "maxPriorityFeePerGas": edge.gas_price}
    raw = edge.signer.sign_transaction(role, unsigned)
    return ChainTransaction(
        kind="",
        signer=role,
        signer_address=address,
        chain_id=edge.client.chain_id,
        nonce=nonce,
        raw=raw,
        hash=keccak(raw),
        state=TransactionState.PREPARED,
        signed_at=now,
    )


def _store(session: Session, transaction: ChainTransaction, items: list[OutboxItem]) -> None:
    session.add(transaction)
    session.flush()  # two writers on one key end here: the nonce is unique
    for item in items:
        item.state = OutboxState.SENT
        item.transaction_id = transaction.id
        item.attempts += 1


def _report(session: Session, edge: Edge, code: str, detail: str, reference: str) -> None:
    now = edge.clock.now(session)
    report_incident(session, code=code, detail=detail, now=now, reference=reference)
