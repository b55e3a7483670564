"""Making blocks final: the cursor moves and the handlers are told, in one transaction, in order.

The mints of a batch are told together and before the batch itself, so that whoever hears that a
batch is settled finds its credits in the books. What nobody can read, a handler can't understand or
no column can hold is kept in quarantine and named to the operator; what comes after it goes on.
Only a constraint of the database stops everything: then the books contradict the chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import DataError, NoResultFound
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.events import (
    At,
    BatchCommitted,
    Credit,
    CreditsMinted,
    Event,
    Listeners,
    event_of,
)
from app.chain.edge import Edge
from app.chain.models import ChainBlock, ChainCursor, ChainLog
from app.errors import Problem
from app.outbox.leases import Fence
from app.outbox.service import report_incident

NOBODY = "0x" + "0" * 40
STEP = 500  # blocks that one transaction makes final at most
LOGS = 2000  # of more than one block at most, so that memory stays flat
QUARANTINED = "log_quarantined"
UNREADABLE = "no event that we know"
# What a handler raises that can't make sense of an event: no fault of database, node or machine.
# DataError (SQLSTATE 22): a number or text that no column can hold.
POISON = (
    ArithmeticError, AttributeError, DataError, LookupError, NoResultFound, Problem, TypeError,
    ValueError,
)  # fmt: skip


def finalise(edge: Edge, fence: Fence, listeners: Listeners, most: int | None = None) -> int | None:
    """Make the next blocks final, none above `most`, and tell of them; how many events, None when
    none is due."""
    with edge.database.session() as session:
        final = session.get_one(ChainCursor, "final")
        seen = session.get_one(ChainCursor, "seen")
        target = min(seen.number, final.number + STEP, _enough_logs(session, final.number))
    deep_enough = edge.client.head().number - edge.chain.finality_depth
    target = min(target, deep_enough if most is None else most)
    if target <= final.number:
        return None
    block, tip = edge.client.block(target), edge.client.block(seen.number)
    if block is None or tip is None or tip.hash != seen.hash:
        return None  # the next round's rollback comes first
    try:
        return _step(edge, fence, listeners, (target, block.hash), careful=False)
    except POISON:
        return _step(edge, fence, listeners, (target, block.hash), careful=True)


def _step(
    edge: Edge, fence: Fence, listeners: Listeners, to: tuple[int, bytes], *, careful: bool
) -> int:
    number, block_hash = to
    with edge.database.transaction() as session:
        fence.check(session)
        cursor = session.get_one(ChainCursor, "final", with_for_update=True)
        first = cursor.number + 1
        told = tell(session, first, number, listeners, careful=careful)
        _name_quarantined(session, first, number)
        _forget_empty(session, cursor.number, number)
        cursor.number, cursor.hash = number, block_hash
    return told


def tell(
    session: Session, first: int, last: int, listeners: Listeners, *, careful: bool = False
) -> int:
    """Tell every listener of the events in blocks first..last, once, in order; how many.

    `careful`: an event that a handler can't understand changes nothing and goes into quarantine.
    """
    events = events_between(session, first, last)
    listeners.prepare(events, session)
    for event in events:
        if careful:
            _tell_carefully(session, event, listeners)
        else:
            _tell(session, event, listeners)
    return len(events)


def _tell(session: Session, event: Event, listeners: Listeners) -> None:
    for handlers in listeners.handlers:
        handler = handlers.get(type(event))
        if handler is not None:
            handler(event, session)


def _tell_carefully(session: Session, event: Event, listeners: Listeners) -> None:
    try:
        with session.begin_nested():
            _tell(session, event, listeners)
    except POISON as error:
        why = f"{type(event).__name__} not understood: {type(error).__name__}: {error}"
        here = (event.at.block_hash, event.at.log_index)
        log = session.get_one(ChainLog, here)
        log.quarantined = why[:300]
        session.flush()


def _name_quarantined(session: Session, first: int, last: int) -> None:
    query = (
        select(ChainLog, col(ChainBlock.block_time))
        .join(ChainBlock, col(ChainBlock.hash) == col(ChainLog.block_hash))
        .where(
            col(ChainLog.block_number).between(first, last),
            col(ChainLog.quarantined).is_not(None),
        )
    )
    for log, at in session.execute(query.order_by(col(ChainLog.block_number))).all():
        where = f"{log.block_number}:{log.log_index}"
        detail = f"block {log.block_number}, log {log.log_index}: {log.quarantined}"
        report_incident(session, code=QUARANTINED, detail=detail, now=at, reference=where)


def _enough_logs(session: Session, final: int) -> int:
    """The last block of the next step, by the number of its logs; one block at least."""
    numbers = select(col(ChainLog.block_number)).where(col(ChainLog.block_number) > final)
    ordered = numbers.order_by(col(ChainLog.block_number))
    first, beyond = session.scalar(ordered.limit(1)), session.scalar(ordered.offset(LOGS).limit(1))
    return final + STEP if first is None or beyond is None else max(first, beyond - 1)


def _forget_empty(session: Session, before: int, target: int) -> None:
    """Headers without logs served while they weren't final."""
    used = select(1).where(col(ChainLog.block_hash) == col(ChainBlock.hash)).exists()
    gone = delete(ChainBlock).where(
        col(ChainBlock.number) >= before, col(ChainBlock.number) < target, ~used
    )
    session.execute(gone, execution_options={"synchronize_session": False})


_COLUMNS = (
    col(ChainLog.block_number),
    col(ChainLog.block_hash),
    col(ChainBlock.block_time),
    col(ChainLog.log_index),
    col(ChainLog.transaction_hash),
    col(ChainLog.address),
)


def events_between(session: Session, first: int, last: int) -> list[Event]:
    """The stored logs of these blocks as events, without those in quarantine."""
    query = (
        select(*_COLUMNS, col(ChainLog.event), col(ChainLog.arguments))
        .join(ChainBlock, col(ChainBlock.hash) == col(ChainLog.block_hash))
        .where(col(ChainLog.block_number).between(first, last), col(ChainLog.quarantined).is_(None))
        .order_by(col(ChainLog.block_number), col(ChainLog.log_index))
    )
    by_transaction = groupby(session.execute(query), key=lambda row: row.transaction_hash)
    return [event for _, rows in by_transaction for event in _of_transaction(rows)]


def _of_transaction(rows: Iterable[Any]) -> Iterator[Event]:
    mints: list[Credit] = []
    for *place, name, arguments in rows:  # place as in _COLUMNS
        if name == "Transfer":
            if arguments["from"] == NOBODY:
                mints.append(Credit(place[3], arguments["to"], arguments["value"]))
            continue
        at = At(*place)
        event = event_of(name, at, arguments)
        if isinstance(event, BatchCommitted):
            yield CreditsMinted(at, event.batch_id, event.programme_id, tuple(mints))
            mints = []
        if event is not None:
            yield event
