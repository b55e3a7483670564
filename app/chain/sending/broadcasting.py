"""Handing stored bytes to a node, as often as it takes.

What became of a transaction whose answer was lost nobody knows: so a node is asked whether it has
it before it gets the same bytes again. They can't execute twice. A transaction that a node refuses
for good keeps its nonce: as long as nobody fills it, these bytes may still be mined.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.edge import Edge
from app.chain.errors import (
    AlreadyKnown,
    KeyUsedElsewhere,
    NodeBehind,
    NodeRefused,
    NonceMissing,
    NonceUsed,
    PermanentError,
    TooMuchGas,
)
from app.chain.sending.filling import REFUSED, TOO_LARGE, give_up, sign_filler
from app.chain.sending.kept_transactions import keep
from app.outbox.leases import Fence
from app.outbox.models import ChainTransaction, TransactionState
from app.outbox.pauses import pause
from app.outbox.queue import UNFINISHED
from app.outbox.service import incident_passed, report_incident


def rebroadcast(edge: Edge, fence: Fence, role: str) -> bool:
    """Stored bytes above the chain's nonce go out again, in order, where the node doesn't have
    them. True when none of today's key is left."""
    address = edge.signer.address_of(role)
    with edge.database.session() as session:
        stored = of_key(session, edge, address)
        unfinished = unfinished_of(session, edge, role)
    for row in unfinished:
        if row.signer_address != address and row.nonce >= edge.client.nonce(row.signer_address):
            _hand_over(edge, fence, row)  # the key was changed before this was final
    mined = edge.client.nonce(address)
    _check_nonces(stored, mined, address)
    unmined = [row for row in stored if row.nonce >= mined]
    if missing := missing_nonces(unmined, mined):
        raise NonceMissing(f"{address}: the chain waits for nonce {missing[0]}, which no row has")
    for stored_row in unmined:
        unfilled = stored_row.abandoned is not None and stored_row.filler_raw is None
        row = sign_filler(edge, fence, stored_row) if unfilled else stored_row
        _hand_over(edge, fence, row)
    return not unmined


def _hand_over(edge: Edge, fence: Fence, row: ChainTransaction) -> None:
    if edge.client.knows(row.filler_hash or row.hash):
        _accepted(edge, fence, row)
    else:
        broadcast(edge, fence, row)


def broadcast(edge: Edge, fence: Fence, transaction: ChainTransaction) -> None:
    """Hand the stored bytes to a node, any number of times; by then they are kept elsewhere too."""
    keep(edge, transaction)
    try:
        edge.client.send_raw(transaction.filler_raw or transaction.raw)
    except AlreadyKnown:
        pass
    except NonceUsed:
        return  # mined meanwhile, or taken by another: the confirmer finds out
    except PermanentError as error:
        _refused(edge, fence, transaction, error)
        return
    _accepted(edge, fence, transaction)


def _refused(
    edge: Edge, fence: Fence, transaction: ChainTransaction, error: PermanentError
) -> None:
    """What no block can hold is filled at once; a text that nobody knows stops the key. What was
    signed by an earlier key can't be filled, and stops nothing."""
    in_use = edge.signer.address_of(transaction.signer) == transaction.signer_address
    with edge.database.transaction() as session:
        fence.check(session)
        now = edge.clock.now(session)
        detail = f"{transaction.signer}, nonce {transaction.nonce}: {error}"
        report_incident(
            session, code=REFUSED, detail=detail, now=now, reference=str(transaction.id)
        )
        row = session.get_one(ChainTransaction, transaction.id, with_for_update=True)
        if row.state is TransactionState.BROADCAST:
            row.state = TransactionState.PREPARED  # the node has lost it and doesn't take it back
        if in_use and isinstance(error, TooMuchGas):
            give_up(session, transaction.id, f"{TOO_LARGE}: {error}")
        elif in_use and isinstance(error, NodeRefused):
            pause(session, transaction.signer, reason=f"by Civis: {detail}", now=now)


def _accepted(edge: Edge, fence: Fence, transaction: ChainTransaction) -> None:
    """A node has it. The first time counts; mined it isn't (any more)."""
    if transaction.state is TransactionState.BROADCAST:
        return
    with edge.database.transaction() as session:
        fence.check(session)
        now = edge.clock.now(session)
        row = session.get_one(ChainTransaction, transaction.id, with_for_update=True)
        if row.state in UNFINISHED:
            row.state = TransactionState.BROADCAST
            row.broadcast_at = row.broadcast_at or now
        incident_passed(session, code=REFUSED, now=now, reference=str(row.id))


def of_key(session: Session, edge: Edge, address: str) -> list[ChainTransaction]:
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


def unfinished_of(session: Session, edge: Edge, role: str) -> list[ChainTransaction]:
    """In the order of signing, of earlier keys too."""
    query = select(ChainTransaction).where(
        col(ChainTransaction.signer) == role,
        col(ChainTransaction.chain_id) == edge.client.chain_id,
        col(ChainTransaction.state).in_(UNFINISHED),
    )
    return list(session.scalars(query.order_by(col(ChainTransaction.id))))


def missing_nonces(unmined: list[ChainTransaction], mined: int) -> list[int]:
    """What no row has between the chain's next nonce and the last of these."""
    have = {row.nonce for row in unmined}
    return [nonce for nonce in range(mined, max(have, default=mined)) if nonce not in have]


def _check_nonces(stored: list[ChainTransaction], mined: int, address: str) -> None:
    if not stored:
        return
    if mined > stored[-1].nonce + 1:
        raise KeyUsedElsewhere(f"{address}: nonce {mined} on the chain, {stored[-1].nonce} is ours")
    if stored[0].state not in UNFINISHED and mined <= stored[0].nonce:
        raise NodeBehind(f"{address}: nonce {stored[0].nonce} was final, the node is at {mined}")
