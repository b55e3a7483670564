"""Telling final events to their handlers, in chain order.

The mints of a batch are told together and before the batch itself, so that whoever hears that a
batch is settled finds its credits in the books.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.events import At, BatchCommitted, Credit, CreditsMinted, Event, Listeners, event_of
from app.chain.models import ChainBlock, ChainLog

NOBODY = "0x" + "0" * 40


def tell(session: Session, first: int, last: int, listeners: Listeners) -> int:
    """Tell every listener of the events in blocks first..last, once, in order; how many."""
    events = events_between(session, first, last)
    listeners.prepare(events, session)
    for event in events:
        for handlers in listeners.handlers:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event, session)
    return len(events)


def events_between(session: Session, first: int, last: int) -> list[Event]:
    """The stored logs of these blocks as events."""
    query = (
        select(ChainLog, ChainBlock)
        .join(ChainBlock, col(ChainBlock.hash) == col(ChainLog.block_hash))
        .where(col(ChainLog.block_number).between(first, last))
        .order_by(col(ChainLog.block_number), col(ChainLog.log_index))
    )
    placed = [(log, _at(log, block)) for log, block in session.execute(query)]
    by_transaction = groupby(placed, key=lambda pair: pair[0].transaction_hash)
    return [event for _, logs in by_transaction for event in _of_transaction(list(logs))]


def _of_transaction(logs: list[tuple[ChainLog, At]]) -> Iterator[Event]:
    mints: list[Credit] = []
    for log, at in logs:
        arguments = log.arguments or {}
        if log.event == "Transfer":
            if arguments["from"] == NOBODY:
                mints.append(Credit(log.log_index, arguments["to"], arguments["value"]))
            continue
        event = event_of(log.event or "", at, arguments)
        if isinstance(event, BatchCommitted):
            yield CreditsMinted(at, event.batch_id, event.programme_id, tuple(mints))
            mints = []
        if event is not None:
            yield event


def _at(log: ChainLog, block: ChainBlock) -> At:
    return At(
        log.block_number,
        log.block_hash,
        block.block_time,
        log.log_index,
        log.transaction_hash,
        log.address,
    )
