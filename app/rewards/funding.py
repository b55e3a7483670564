"""A programme's money: a named bank transfer, proposed by one treasurer, confirmed by another."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.typed import keccak
from app.errors import NotFound, Problem
from app.money import Euros
from app.outbox.service import enqueue
from app.rewards.models import Funding, Programme
from app.rewards.programmes import lock

TREASURERS = ("treasurer_1", "treasurer_2")  # whose keys the server holds, and says so


def propose_funding(
    session: Session,
    programme: Programme,
    *,
    amount_cents: int,
    bank_reference: str,
    by: UUID,
    now: datetime,
) -> Funding:
    """A treasurer names a bank transfer; nothing counts until another confirms it."""
    lock(session, programme.id)
    _check_budget(session, programme, amount_cents)
    funding = Funding(
        programme_id=programme.id,
        amount_cents=amount_cents,
        bank_reference=bank_reference,
        proposed_by=by,
        proposed_at=now,
    )
    session.add(funding)
    session.flush()
    reference = reference_hash(bank_reference)
    enqueue(
        session,
        kind="propose_funding",
        key=funding.id.hex,
        payload=_proposal(programme, amount_cents, reference),
        now=now,
        signer=TREASURERS[0],
    )
    return funding


def _check_budget(session: Session, programme: Programme, amount_cents: int) -> None:
    """No more is named than two officers decided. Raises Problem funding-over-budget."""
    if programme.budget_cents is None:
        return
    named = select(func.coalesce(func.sum(col(Funding.amount_cents)), 0)).where(
        col(Funding.programme_id) == programme.id, col(Funding.withdrawn_at).is_(None)
    )
    left = programme.budget_cents - int(session.scalar(named) or 0)
    if amount_cents > left:
        raise Problem("funding-over-budget", field="amount_cents", left=Euros(max(left, 0)))


def _proposal(programme: Programme, amount: int, reference: bytes) -> dict[str, Any]:
    return {"programme_id": programme.chain_id, "amount": amount, "bank_reference": reference}


def confirm_funding(session: Session, funding_id: UUID, *, by: UUID, now: datetime) -> Funding:
    """Another treasurer saw the same transfer. It counts once final on the chain."""
    funding = session.get(Funding, funding_id, with_for_update=True, populate_existing=True)
    if funding is None:
        raise NotFound
    if funding.confirmed_at is not None:
        raise Problem("funding-confirmed")
    if funding.withdrawn_at is not None:
        raise Problem("funding-withdrawn")
    if funding.proposed_by == by:
        raise Problem("second-treasurer-needed")
    funding.confirmed_by, funding.confirmed_at = by, now
    programme = session.get_one(Programme, funding.programme_id)
    reference = reference_hash(funding.bank_reference)
    enqueue(
        session,
        kind="confirm_funding",
        key=funding.id.hex,
        payload={"programme_id": programme.chain_id, "bank_reference": reference},
        now=now,
        signer=TREASURERS[1],
    )
    return funding


def reference_hash(bank_reference: str) -> bytes:
    """What the chain holds of a bank transfer's reference."""
    return keccak(bank_reference.encode())
