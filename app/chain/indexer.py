"""Indexing: blocks and logs as they come, money only when they are final.

Two cursors. `seen` follows the head: raw logs are stored with their block's hash, and taken back
when the chain takes that block back. `final` lies the descriptor's depth below; what it passes is
told to the handlers, in the transaction that moves it, so a crash repeats all of it or nothing. A
block below `final` that is gone, or another genesis, stops everything until a person has looked.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.codec import decode_event
from app.chain.edge import STOPS, Edge, check_not_halted, stopping
from app.chain.errors import ChainDiverged, UnknownContract, WrongChain
from app.chain.events import Listeners
from app.chain.finals import tell
from app.chain.models import ChainBlock, ChainCursor, ChainLog
from app.chain.newcomers import check_known
from app.chain.reading import Reading, Span, read_some
from app.chain.said import Log
from app.outbox.leases import Fence

FINAL_STEP = 500  # blocks that one transaction makes final at most
# These stop the indexer alone.
MORE_STOPS = STOPS | {
    IntegrityError: "ledger_contradicts_chain",
    UnknownContract: "unknown_contract",
}


def run(edge: Edge, fence: Fence, listeners: Listeners, span: Span) -> int:
    """Read up to the head, then make final what is deep enough; how many events were told."""
    with edge.database.session() as session:
        check_not_halted(session)
    told = 0
    with stopping(edge, MORE_STOPS), edge.client.one_node():
        start_cursors(edge, fence)
        check_past(edge)
        while follow(edge, fence, span):
            pass
        while (step := finalise(edge, fence, listeners)) is not None:
            told += step
    return told


def start_cursors(edge: Edge, fence: Fence) -> None:
    """At the first run both cursors stand just before the deployment."""
    with edge.database.session() as session:
        if session.get(ChainCursor, "final") is not None:
            return
    block = edge.client.block(edge.first_block - 1)
    if block is None:
        raise WrongChain(f"block {edge.first_block - 1}, before our contracts, is not there")
    row = {"number": block.number, "hash": block.hash, "genesis_hash": edge.client.genesis_hash}
    with edge.database.transaction() as session:
        fence.check(session)
        for name in ("seen", "final"):
            statement = insert(ChainCursor).values({"name": name, **row})
            session.execute(statement.on_conflict_do_nothing())


def check_past(edge: Edge) -> None:
    """What is final must still be there. Raises ChainDiverged, WrongChain.

    A node that doesn't have the block yet is only behind: it proves nothing.
    """
    with edge.database.session() as session:
        final = session.get_one(ChainCursor, "final")
    if final.genesis_hash != edge.client.genesis_hash:
        raise WrongChain("the books were written from a chain with another genesis block")
    block = edge.client.block(final.number)
    if block is not None and block.hash != final.hash:
        raise ChainDiverged(f"block {final.number} was final and is another one now")


def follow(edge: Edge, fence: Fence, span: Span) -> bool:
    """One range, or one rollback. True while there may be more to do."""
    with edge.database.session() as session:
        seen = session.get_one(ChainCursor, "seen")
        tokens = known_tokens(session)
    head = edge.client.head()
    if head.number < seen.number:
        return False  # a lagging or restarted node: it says nothing about what we saw
    block = edge.client.block(seen.number)
    if block is None or block.hash != seen.hash:
        roll_back(edge, fence)
        return True
    if head.number == seen.number:
        return False
    reading = read_some(
        edge.client, seen.number + 1, head.number, span, addresses=edge.heard, tokens=tokens
    )
    check_known(edge, reading.logs)
    if reading.parent_hash == seen.hash:
        with edge.database.transaction() as session:
            fence.check(session)
            store(session, reading)
    return True  # otherwise the chain changed under us: the next round rolls back


def store(session: Session, reading: Reading) -> None:
    """Blocks, logs and the cursor, or none of them."""
    rows = [
        {"hash": b.hash, "number": b.number, "parent_hash": b.parent_hash, "block_time": b.time}
        for b in reading.blocks
    ]
    session.execute(insert(ChainBlock), rows)
    if reading.logs:
        session.execute(insert(ChainLog), [_row(log) for log in reading.logs])
    cursor = session.get_one(ChainCursor, "seen", with_for_update=True)
    cursor.number, cursor.hash = reading.tip.number, reading.tip.hash


def roll_back(edge: Edge, fence: Fence) -> None:
    """Take back what the chain took back: nothing final, so no book was written from it."""
    with edge.database.session() as session:
        final = session.get_one(ChainCursor, "final")
        query = select(ChainBlock).where(col(ChainBlock.number) > final.number)
        stored = list(session.scalars(query.order_by(col(ChainBlock.number).desc())))
    number, block_hash = final.number, final.hash
    for candidate in stored:
        block = edge.client.block(candidate.number)
        if block is not None and block.hash == candidate.hash:
            number, block_hash = candidate.number, candidate.hash
            break
    with edge.database.transaction() as session:
        fence.check(session)
        session.execute(delete(ChainLog).where(col(ChainLog.block_number) > number))
        session.execute(delete(ChainBlock).where(col(ChainBlock.number) > number))
        cursor = session.get_one(ChainCursor, "seen", with_for_update=True)
        cursor.number, cursor.hash = number, block_hash


def finalise(edge: Edge, fence: Fence, listeners: Listeners) -> int | None:
    """Make the next blocks final and tell of them; how many events, None when none is due."""
    with edge.database.session() as session:
        final = session.get_one(ChainCursor, "final")
        seen = session.get_one(ChainCursor, "seen")
    deep_enough = edge.client.head().number - edge.chain.finality_depth
    target = min(deep_enough, seen.number, final.number + FINAL_STEP)
    if target <= final.number:
        return None
    block, tip = edge.client.block(target), edge.client.block(seen.number)
    if block is None or tip is None or tip.hash != seen.hash:
        return None  # the next round's rollback comes first
    with edge.database.transaction() as session:
        fence.check(session)
        cursor = session.get_one(ChainCursor, "final", with_for_update=True)
        told = tell(session, cursor.number + 1, target, listeners)
        cursor.number, cursor.hash = block.number, block.hash
    return told


def known_tokens(session: Session) -> list[str]:
    """Token contracts of all programmes whose creation was seen."""
    query = select(col(ChainLog.arguments)).where(col(ChainLog.event) == "ProgrammeCreated")
    return [found["token"] for found in session.scalars(query) if found]


def _row(log: Log) -> dict[str, Any]:
    event = decode_event(log.topics, log.data)
    return {
        "block_hash": log.block_hash,
        "log_index": log.log_index,
        "block_number": log.block_number,
        "transaction_hash": log.transaction_hash,
        "address": log.address,
        "topics": list(log.topics),
        "data": log.data,
        "event": event.name if event else None,
        "arguments": event.arguments if event else None,
    }
