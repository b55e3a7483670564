"""Indexing: blocks and logs as they come, money only when they are final.

Two cursors. `seen` follows the head: headers and raw logs are stored with their block's hash, and
taken back when the chain takes that block back. `final` lies the descriptor's depth below: see
`finals.py`. A block below `final` that is gone, or another genesis, stops everything until a person
has looked; a node that contradicts itself is named, rests, and another one is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from app.bulk import copy_rows
from app.chain.contracts.codec import decode_event
from app.chain.contracts.events import Listeners
from app.chain.edge import STOPS, Edge, check_not_halted, stopping
from app.chain.errors import (
    ChainDiverged,
    NodeContradicts,
    RangeTooLarge,
    UnknownContract,
    WrongChain,
)
from app.chain.indexing.finals import UNREADABLE, finalise
from app.chain.indexing.reading import Reading, Span, read_some
from app.chain.indexing.unknown_contracts import check_known
from app.chain.models import ChainBlock, ChainCursor, ChainLog
from app.chain.rpc.answers import Log
from app.outbox.leases import Fence
from app.outbox.service import incident_passed, report_incident

UNTRUE: dict[type[Exception], str] = {
    NodeContradicts: "node_contradicts",
    RangeTooLarge: "node_refuses_logs",
}
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
        if is_quiet(edge):
            return 0
        start_cursors(edge, fence)
        check_past(edge)
        more = True
        while more:
            with believing(edge):
                more = follow(edge, fence, span)
            while (step := finalise(edge, fence, listeners)) is not None:
                told += step
    return told


def is_quiet(edge: Edge) -> bool:
    """Whether the head is the block that was read last, and all that is deep enough is final: as
    nearly always. A hash names all blocks below it, so the past needn't be looked at either."""
    with edge.database.session() as session:
        cursors = {one.name: one for one in session.scalars(select(ChainCursor))}
    if not cursors or cursors["final"].genesis_hash != edge.client.genesis_hash:
        return False
    head, seen, final = edge.client.head(), cursors["seen"], cursors["final"]
    return head.hash == seen.hash and final.number >= head.number - edge.chain.finality_depth


@contextmanager
def believing(edge: Edge) -> Iterator[None]:
    """A node whose logs can't be had, or can't be true, is named and rests; nothing is stored."""
    try:
        yield
    except tuple(UNTRUE) as error:
        node = edge.client.node
        edge.client.distrust()
        with edge.database.transaction() as session:
            detail, now = f"{node}: {error}"[:500], edge.clock.now(session)
            code = UNTRUE[type(error)]
            report_incident(session, code=code, detail=detail, now=now, reference=node)
        raise


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


def follow(edge: Edge, fence: Fence, span: Span, most: int | None = None) -> bool:
    """One range, up to block `most`, or one rollback. True while there may be more to do."""
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
    last = head.number if most is None else min(head.number, most)
    if last <= seen.number:
        return False
    reading = read_some(
        edge.client, seen.number + 1, last, span, addresses=edge.heard, tokens=tokens
    )
    check_known(edge, reading.logs)
    if reading.parent_hash != seen.hash:
        _check_changed(edge, seen)
    else:
        with edge.database.transaction() as session:
            fence.check(session)
            store(session, reading)
            for code in UNTRUE.values():
                now = edge.clock.now(session)
                incident_passed(session, code=code, now=now, reference=edge.client.node)
    return True  # otherwise the chain changed under us: the next round rolls back


def _check_changed(edge: Edge, seen: ChainCursor) -> None:
    """Raises NodeContradicts when the node still shows what we saw, and a block on another."""
    block = edge.client.block(seen.number)
    if block is not None and block.hash == seen.hash:
        raise NodeContradicts(f"block {seen.number} is not the parent of the next")


def store(session: Session, reading: Reading) -> None:
    """Blocks, logs and the cursor, or none of them."""
    rows = (
        {"hash": b.hash, "number": b.number, "parent_hash": b.parent_hash, "block_time": b.time}
        for b in reading.blocks
    )
    copy_rows(session, "chain_block", rows)
    copy_rows(session, "chain_log", map(_row, reading.logs))
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
        "quarantined": None if event else UNREADABLE,
    }
