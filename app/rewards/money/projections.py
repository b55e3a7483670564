"""What final chain events say of the books of rewards; told after the ledger (`posting.py`)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.events import (
    At,
    BatchCancelled,
    BatchCommitted,
    CellsPublished,
    FundingConfirmed,
    Handlers,
    ProgrammeClosed,
    ProgrammeCreated,
)
from app.chain.typed import keccak
from app.outbox.service import report_incident
from app.rewards import life
from app.rewards.batches.refused import batch_barred
from app.rewards.batches.settling import move_actions
from app.rewards.letters import tell_credited
from app.rewards.models import (
    Batch,
    BatchState,
    CellPublication,
    Funding,
    LedgerEntry,
    Programme,
    ProgrammeState,
)


def programme_created(event: ProgrammeCreated, session: Session) -> None:
    """The token's address; a draft is published, and runs if its first day has come."""
    programme = _programme(session, event.programme_id)
    if programme is None:
        _unknown(session, event.at, "programme", event.programme_id)
        return
    programme.token_address = event.token
    if programme.state is ProgrammeState.DRAFT:
        life.turn(session, programme, ProgrammeState.PUBLISHED, by=None, now=event.at.block_time)
        life.begin(session, programme, event.at.block_time)


def funding_confirmed(event: FundingConfirmed, session: Session) -> None:
    """Counted from now on; the chain knows the bank reference by its hash only."""
    programme = _programme(session, event.programme_id)
    waiting = session.scalars(
        select(Funding).where(
            col(Funding.programme_id) == (programme.id if programme else None),
            col(Funding.final_at).is_(None) & col(Funding.withdrawn_at).is_(None),
        )
    )
    for funding in waiting:
        if keccak(funding.bank_reference.encode()) == event.bank_reference:
            funding.final_at = event.at.block_time
            return
    _unknown(session, event.at, "funding", event.bank_reference)


def batch_committed(event: BatchCommitted, session: Session) -> None:
    """The batch is final, all its actions are settled."""
    batch = session.get(Batch, event.batch_id, with_for_update=True)
    if batch is None or batch.sequence != event.sequence:
        _unknown(session, event.at, "batch", event.batch_id)
        return
    at = event.at.block_time
    batch.state, batch.final_at = BatchState.FINAL, at
    batch.block_number = event.at.block_number
    move_actions(session, batch_id=batch.id, before="batched", after="settled", now=at)
    tell_credited(session, batch.id, at)


def batch_cancelled(event: BatchCancelled, session: Session) -> None:
    batch = session.get(Batch, event.batch_id, with_for_update=True)
    if batch is not None:
        batch_barred(session, batch, event.at.block_time)


def cells_published(event: CellsPublished, session: Session) -> None:
    programme = _programme(session, event.programme_id)
    key = (programme.id if programme else None, event.period)
    publication = session.get(CellPublication, key) if programme else None
    if publication is None or publication.sum_root != event.sum_root:
        _unknown(session, event.at, "cells", event.programme_id)
        return
    publication.final_at = event.at.block_time


def programme_closed(event: ProgrammeClosed, session: Session) -> None:
    """The chain's word counts, decided here or not; what was not is told to the operator."""
    programme = _programme(session, event.programme_id)
    if programme is not None:
        _closed(session, programme, event)
    if _expired_by(session, event.at) != event.expired:
        _unknown(session, event.at, "expiry", event.programme_id)


def _expired_by(session: Session, at: At) -> int:
    """Cents that the ledger let expire."""
    query = select(func.coalesce(func.sum(col(LedgerEntry.amount_cents)), 0)).where(
        col(LedgerEntry.block_hash) == at.block_hash,
        col(LedgerEntry.log_index) == at.log_index,
    )
    return -int(session.execute(query).scalar_one())


def _closed(session: Session, programme: Programme, event: ProgrammeClosed) -> None:
    at = event.at.block_time
    if programme.state is not ProgrammeState.CLOSING or programme.close_decided_at is None:
        _unknown(session, event.at, "closing", event.programme_id)
    programme.closed_at = at
    life.turn(session, programme, ProgrammeState.CLOSED, by=None, now=at, forced=True)


def _programme(session: Session, chain_id: bytes) -> Programme | None:
    return session.scalars(select(Programme).where(col(Programme.chain_id) == chain_id)).first()


def _unknown(session: Session, at: At, what: str, reference: bytes) -> None:
    """Final on the chain and not so in our books: a restored backup, or a stolen key."""
    report_incident(
        session,
        code=f"{what}_unknown",
        detail=f"block {at.block_number} holds something that the books don't know so",
        now=at.block_time,
        reference="0x" + reference.hex(),
    )


HANDLERS: Handlers = {
    ProgrammeCreated: programme_created,
    FundingConfirmed: funding_confirmed,
    BatchCommitted: batch_committed,
    BatchCancelled: batch_cancelled,
    CellsPublished: cells_published,
    ProgrammeClosed: programme_closed,
}
