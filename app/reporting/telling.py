"""Who is told of final events; and telling those of one that was quarantined and is understood now.

Ledger, balances and cells are made anew by `civis index rebuild`, in their order; whoever else
listens (batches, payments, programmes, recoveries) can be told late: each handler looks at what its
row stands at, and takes the block's time.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.events import At, Listeners, event_of
from app.chain.edge import Edge
from app.chain.indexing.finals import POISON, QUARANTINED
from app.chain.models import ChainBlock, ChainCursor, ChainLog
from app.endings.projections import HANDLERS as ENDINGS
from app.merchants.projections import HANDLERS as MERCHANTS
from app.outbox.operator import By, NotPossibleError, record
from app.outbox.service import incident_passed
from app.recovery.projections import HANDLERS as RECOVERIES
from app.reporting.completeness.proving import newest
from app.reporting.projections import HANDLERS as REPORTING
from app.rewards.money.moves import HANDLERS as MOVES
from app.rewards.money.moves import lock_accounts
from app.rewards.money.posting import HANDLERS as LEDGER
from app.rewards.money.projections import HANDLERS as REWARDS
from app.rewards.money.withdrawals import HANDLERS as FUNDINGS

LATE = (REWARDS, FUNDINGS, MERCHANTS, RECOVERIES, ENDINGS)
LISTENERS = Listeners((LEDGER, MOVES, *LATE, REPORTING), lock_accounts)  # ledger first
UNPROVEN = (
    "Ledger and balances come first: `civis index rebuild`, then `civis index prove`. Whoever is "
    "told then finds them as the chain has them."
)


@dataclass(frozen=True)
class Told:
    """`why`: what still stands in the way; None: it was told, and is in quarantine no more."""

    place: str
    event: str | None
    why: str | None


def tell_quarantined(edge: Edge, by: By) -> list[Told]:
    """Of each in the chain's order, by itself. Raises NotPossibleError before the books agree."""
    with edge.database.session() as session:
        final = session.get_one(ChainCursor, "final").number
        query = select(ChainLog).where(
            col(ChainLog.quarantined).is_not(None), col(ChainLog.block_number) <= final
        )
        ordered = query.order_by(col(ChainLog.block_number), col(ChainLog.log_index))
        logs = session.scalars(ordered).all()
        proof = newest(session)
    if logs and (proof is None or not proof.holds or proof.block_number < logs[-1].block_number):
        raise NotPossibleError(UNPROVEN)
    return [_tell(edge, log, by) for log in logs]


def _tell(edge: Edge, log: ChainLog, by: By) -> Told:
    place = f"{log.block_number}:{log.log_index}"
    if log.event is None:
        return Told(place, None, str(log.quarantined))
    try:
        with edge.database.transaction() as session:
            session.get_one(ChainCursor, "final", with_for_update=True)  # nothing else is told now
            row = session.get_one(ChainLog, (log.block_hash, log.log_index), with_for_update=True)
            _to_all(session, row)
            row.quarantined = None
            now = edge.clock.now(session)
            incident_passed(session, code=QUARANTINED, now=now, reference=place)
            record(session, "event_told", f"{log.event} in {place}, {by.words}", place, now)
    except POISON as error:
        return Told(place, log.event, f"{type(error).__name__}: {error}")
    return Told(place, log.event, None)


def _to_all(session: Session, log: ChainLog) -> None:
    if log.quarantined is None or log.event is None:  # somebody else was quicker
        return
    at = session.get_one(ChainBlock, log.block_hash).block_time
    place = (log.block_number, log.block_hash, at, log.log_index, log.transaction_hash, log.address)
    event = event_of(log.event, At(*place), log.arguments or {})
    for handlers in LATE:
        handler = handlers.get(type(event)) if event is not None else None
        if handler is not None:
            handler(event, session)
