"""What the chain says of money that went back."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.ending_events import ReturnConfirmed
from app.chain.contracts.events import Handlers, ProposalWithdrawn
from app.outbox.service import report_incident
from app.rewards.money.funding import reference_hash
from app.rewards.money.transfer_models import MoneyReturn


def return_confirmed(event: ReturnConfirmed, session: Session) -> None:
    """Given back from now on."""
    waiting = select(MoneyReturn).where(
        col(MoneyReturn.final_at).is_(None), col(MoneyReturn.withdrawn_at).is_(None)
    )
    for row in session.scalars(waiting):
        same = reference_hash(row.bank_reference) == event.bank_reference
        if same and row.amount_cents == event.amount:
            row.final_at = event.at.block_time
            return
    report_incident(
        session,
        code="return_unknown",
        detail=f"block {event.at.block_number} holds something that the books don't know so",
        now=event.at.block_time,
        reference="0x" + event.bank_reference.hex(),
    )


def proposal_withdrawn(event: ProposalWithdrawn, session: Session) -> None:
    """The reference is free again."""
    waiting = select(MoneyReturn).where(
        col(MoneyReturn.withdrawn_at).is_not(None), col(MoneyReturn.released_at).is_(None)
    )
    for row in session.scalars(waiting):
        if reference_hash(row.bank_reference) == event.bank_reference:
            row.released_at = event.at.block_time


HANDLERS: Handlers = {ReturnConfirmed: return_confirmed, ProposalWithdrawn: proposal_withdrawn}
