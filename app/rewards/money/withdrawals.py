"""A funding that was proposed wrongly is withdrawn, here and on the chain.

Its bank reference stays taken until the chain let it go: two proposals of one transfer can't wait
side by side. What two treasurers confirmed is never withdrawn; it goes back as a return.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.events import Handlers, ProposalWithdrawn
from app.errors import NotFound, Problem, define
from app.outbox.service import enqueue
from app.rewards.models import Funding, Programme
from app.rewards.money.funding import TREASURERS, reference_hash

define(
    "funding-withdrawn",
    409,
    en=("This funding was withdrawn", "", "Propose it anew with what is right."),
    fr=("Ce financement a été retiré", "", "Proposez-le de nouveau, corrigé."),
)


def withdraw_funding(session: Session, funding_id: UUID, *, by: UUID, now: datetime) -> Funding:
    """Any treasurer's, before another confirmed. Raises Problem."""
    funding = session.get(Funding, funding_id, with_for_update=True, populate_existing=True)
    if funding is None:
        raise NotFound
    if funding.confirmed_at is not None:
        raise Problem("funding-confirmed")
    if funding.withdrawn_at is not None:
        raise Problem("funding-withdrawn")
    funding.withdrawn_by, funding.withdrawn_at = by, now
    programme = session.get_one(Programme, funding.programme_id)
    enqueue(
        session,
        kind="withdraw_funding",
        key=funding.id.hex,
        payload={
            "programme_id": programme.chain_id,
            "bank_reference": reference_hash(funding.bank_reference),
        },
        now=now,
        signer=TREASURERS[0],
    )
    return funding


def proposal_withdrawn(event: ProposalWithdrawn, session: Session) -> None:
    """The reference is free again."""
    waiting = select(Funding).where(
        col(Funding.withdrawn_at).is_not(None), col(Funding.released_at).is_(None)
    )
    for funding in session.scalars(waiting):
        if reference_hash(funding.bank_reference) == event.bank_reference:
            funding.released_at = event.at.block_time


HANDLERS: Handlers = {ProposalWithdrawn: proposal_withdrawn}
