"""The ledger and the books of rewards, from final chain events alone.

Negative entries lower an account; a balance is their sum. Said twice, an event's key refuses.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.events import (
    At,
    BatchCancelled,
    BatchCommitted,
    CellsPublished,
    CreditsMinted,
    FundingConfirmed,
    GivenBack,
    Handlers,
    OrderExecuted,
    PaidOut,
    ProgrammeClosed,
    ProgrammeCreated,
    RefundExecuted,
)
from app.chain.models import ChainLog
from app.chain.typed import keccak
from app.outbox.service import report_incident
from app.rewards import life
from app.rewards.batches.refused import batch_barred
from app.rewards.batches.settling import move_actions
from app.rewards.letters import tell_credited
from app.rewards.models import (
    Balance,
    Batch,
    BatchState,
    CellPublication,
    Funding,
    Programme,
    ProgrammeState,
)
from app.rewards.money.entries import moved, post


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


def credits_minted(event: CreditsMinted, session: Session) -> None:
    sides = [(credit.log_index, 1, credit.address, credit.amount) for credit in event.credits]
    post(
        session,
        event.at,
        sides,
        programme=event.programme_id,
        kind="credit",
        reference=event.batch_id,
    )


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


def order_executed(event: OrderExecuted, session: Session) -> None:
    sides = moved(event.at, event.payer, event.payee, event.amount)
    post(
        session,
        event.at,
        sides,
        programme=event.programme_id,
        kind="payment",
        reference=event.order_id,
    )


def refund_executed(event: RefundExecuted, session: Session) -> None:
    sides = moved(event.at, event.payee, event.payer, event.amount)
    post(
        session,
        event.at,
        sides,
        programme=event.programme_id,
        kind="refund",
        reference=event.refund_id,
    )


def paid_out(event: PaidOut, session: Session) -> None:
    sides = [(event.at.log_index, 0, event.payee, -event.amount)]
    post(
        session,
        event.at,
        sides,
        programme=event.programme_id,
        kind="pay_out",
        reference=event.pay_out_reference,
    )


def given_back(event: GivenBack, session: Session) -> None:
    sides = [(event.at.log_index, 0, event.holder, -event.amount)]
    post(
        session,
        event.at,
        sides,
        programme=event.programme_id,
        kind="give_back",
        reference=None,
    )


def programme_closed(event: ProgrammeClosed, session: Session) -> None:
    """What holders have left expires in one step; payees keep theirs until it is paid out."""
    programme = _programme(session, event.programme_id)
    if programme is not None:
        _closed(session, programme, event)
    payees = payees_known(session, event.at.block_number)
    holders = session.scalars(
        select(Balance)
        .where(
            col(Balance.programme_chain_id) == event.programme_id,
            col(Balance.final_cents) > 0,
        )
        .order_by(col(Balance.address))
    )
    at = event.at.log_index
    left = [(b.address, b.final_cents) for b in holders if b.address not in payees]
    # One log, many accounts: the side numbers them.
    sides = [(at, number, address, -cents) for number, (address, cents) in enumerate(left)]
    post(
        session,
        event.at,
        sides,
        programme=event.programme_id,
        kind="expiry",
        reference=None,
    )
    if sum(cents for _, cents in left) != event.expired:
        _unknown(session, event.at, "expiry", event.programme_id)


def _closed(session: Session, programme: Programme, event: ProgrammeClosed) -> None:
    """The chain's word counts, decided here or not; what was not is told to the operator."""
    at = event.at.block_time
    if programme.state is not ProgrammeState.CLOSING or programme.close_decided_at is None:
        _unknown(session, event.at, "closing", event.programme_id)
    programme.closed_at = at
    life.turn(session, programme, ProgrammeState.CLOSED, by=None, now=at, forced=True)


def payees_known(session: Session, until_block: int) -> set[str]:
    """Addresses that were enrolled as payees by then; once one, always one."""
    query = select(col(ChainLog.arguments)).where(
        col(ChainLog.event) == "PayeeEnrolled", col(ChainLog.block_number) <= until_block
    )
    return {found["account"] for found in session.scalars(query) if found}


def _programme(session: Session, chain_id: bytes) -> Programme | None:
    return session.scalars(select(Programme).where(col(Programme.chain_id) == chain_id)).first()


def _unknown(session: Session, at: At, what: str, reference: bytes) -> None:
    """Final on the chain and not so in our books: a restored backup, or a stolen key."""
    report_incident(
        session,
        code=f"{what}_unknown",
        detail=f"block {at.block_number} holds a {what} that the books don't know so",
        now=at.block_time,
        reference="0x" + reference.hex(),
    )


HANDLERS: Handlers = {
    ProgrammeCreated: programme_created,
    FundingConfirmed: funding_confirmed,
    CreditsMinted: credits_minted,
    BatchCommitted: batch_committed,
    BatchCancelled: batch_cancelled,
    CellsPublished: cells_published,
    OrderExecuted: order_executed,
    RefundExecuted: refund_executed,
    PaidOut: paid_out,
    GivenBack: given_back,
    ProgrammeClosed: programme_closed,
}
