"""A programme's money: a named bank transfer, proposed by one treasurer, confirmed by another."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.typed import keccak
from app.errors import NotFound, Problem
from app.money import Euros
from app.outbox.service import enqueue
from app.rewards import life
from app.rewards.models import Funding, Programme, ProgrammeState
from app.rewards.money.transfer_models import MoneyReturn
from app.rewards.programmes import lock

TREASURERS = ("treasurer_1", "treasurer_2")  # whose keys the server holds, and says so
FUNDED = frozenset(ProgrammeState) - life.ENDED


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
    _check_open(lock(session, programme.id))
    check_reference(session, bank_reference)
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
    enqueue(
        session,
        kind="propose_funding",
        key=funding.id.hex,
        payload=_proposal(programme, amount_cents, reference_hash(bank_reference)),
        now=now,
        signer=TREASURERS[0],
    )
    return funding


def _check_open(programme: Programme) -> None:
    """Raises Problem programme-state, close-decided."""
    life.check_from(programme, FUNDED)
    if programme.close_decided_at is not None:
        raise Problem("close-decided")


def check_reference(session: Session, bank_reference: str) -> None:
    """The chain knows one kind of bank transfer, in or out, by its reference, and takes each once.
    Raises Problem bank-reference-known."""
    one_at_a_time = func.pg_advisory_xact_lock(func.hashtextextended(bank_reference, 0))
    session.execute(select(one_at_a_time))
    taken = [
        exists().where(
            col(table.bank_reference) == bank_reference, col(table.released_at).is_(None)
        )
        for table in (Funding, MoneyReturn)
    ]
    if session.scalar(select(or_(*taken))):
        raise Problem("bank-reference-known", field="bank_reference")


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
