"""What a closed programme leaves goes back to its funder: a named bank transfer, proposed by one
treasurer, confirmed by another, as every transfer of a programme's money. Callers commit."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.endings import problems
from app.errors import NotFound, Problem
from app.money import Euros
from app.outbox.service import enqueue
from app.rewards import life
from app.rewards.models import Balance, Funding, LedgerEntry, Programme, ProgrammeState
from app.rewards.money.funding import TREASURERS, check_reference, reference_hash
from app.rewards.money.transfer_models import MoneyReturn
from app.rewards.programmes import lock

__all__ = ["problems"]


def outstanding_cents(session: Session, programme: Programme) -> int:
    """Tokens that somebody holds; after closing only shops and associations do."""
    query = select(func.coalesce(func.sum(col(Balance.final_cents)), 0))
    return int(
        session.scalar(query.where(col(Balance.programme_chain_id) == programme.chain_id)) or 0
    )


def paid_out_cents(session: Session, programme: Programme) -> int:
    query = select(func.coalesce(func.sum(-col(LedgerEntry.amount_cents)), 0)).where(
        col(LedgerEntry.programme_chain_id) == programme.chain_id,
        col(LedgerEntry.kind) == "pay_out",
    )
    return int(session.scalar(query) or 0)


def returned_cents(session: Session, programme: Programme, *, final: bool = True) -> int:
    """Given back; or, not `final`, also what is named and neither counted nor withdrawn."""
    query = select(func.coalesce(func.sum(col(MoneyReturn.amount_cents)), 0)).where(
        col(MoneyReturn.programme_id) == programme.id, col(MoneyReturn.withdrawn_at).is_(None)
    )
    if final:
        query = query.where(col(MoneyReturn.final_at).is_not(None))
    return int(session.scalar(query) or 0)


def left_cents(session: Session, programme: Programme, *, final: bool = True) -> int:
    """The funder's: funded less paid out, given back, and what shops will be paid out for."""
    funded = select(func.coalesce(func.sum(col(Funding.amount_cents)), 0)).where(
        col(Funding.programme_id) == programme.id, col(Funding.final_at).is_not(None)
    )
    used = paid_out_cents(session, programme) + outstanding_cents(session, programme)
    given = returned_cents(session, programme, final=final)
    return int(session.scalar(funded) or 0) - used - given


def propose_return(
    session: Session,
    programme_id: UUID,
    *,
    amount_cents: int,
    bank_reference: str,
    by: UUID,
    now: datetime,
) -> MoneyReturn:
    """A treasurer names a transfer to the funder. Raises Problem."""
    programme = lock(session, programme_id)
    life.check_from(programme, {ProgrammeState.CLOSED})
    check_reference(session, bank_reference)
    left = left_cents(session, programme, final=False)
    if amount_cents > left:
        raise Problem("return-too-much", field="amount_cents", left=Euros(max(left, 0)))
    made = MoneyReturn(
        programme_id=programme.id,
        amount_cents=amount_cents,
        bank_reference=bank_reference,
        proposed_by=by,
        proposed_at=now,
    )
    session.add(made)
    session.flush()
    _tell(session, "propose_return", made, programme, now, amount=amount_cents)
    return made


def confirm_return(session: Session, return_id: UUID, *, by: UUID, now: datetime) -> MoneyReturn:
    """Another treasurer saw the same transfer. It counts once final on the chain."""
    found = _undecided(session, return_id)
    if found.proposed_by == by:
        raise Problem("second-treasurer-needed")
    found.confirmed_by, found.confirmed_at = by, now
    programme = session.get_one(Programme, found.programme_id)
    _tell(session, "confirm_return", found, programme, now)
    return found


def withdraw_return(session: Session, return_id: UUID, *, by: UUID, now: datetime) -> MoneyReturn:
    """Any treasurer's, before another confirmed: here and on the chain."""
    found = _undecided(session, return_id)
    found.withdrawn_by, found.withdrawn_at = by, now
    programme = session.get_one(Programme, found.programme_id)
    _tell(session, "withdraw_funding", found, programme, now)
    return found


def returns_of(session: Session, programme_id: UUID) -> list[MoneyReturn]:
    query = select(MoneyReturn).where(col(MoneyReturn.programme_id) == programme_id)
    return list(session.scalars(query.order_by(col(MoneyReturn.id))))


def _undecided(session: Session, return_id: UUID) -> MoneyReturn:
    found = session.get(MoneyReturn, return_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    if found.confirmed_at is not None or found.withdrawn_at is not None:
        raise Problem("return-decided")
    return found


def _tell(
    session: Session,
    kind: str,
    row: MoneyReturn,
    programme: Programme,
    now: datetime,
    **more: Any,
) -> None:
    reference = reference_hash(row.bank_reference)
    payload = {"programme_id": programme.chain_id, "bank_reference": reference, **more}
    signer = TREASURERS[kind == "confirm_return"]
    enqueue(session, kind=kind, key=row.id.hex, payload=payload, now=now, signer=signer)
