"""Contesting a card payment: said within ten days, decided by two officers, given back if upheld.

The refund is the merchant's own, signed by the signer process with the key that it holds for the
merchant once both officers are on record. Callers commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import NotFound, Problem
from app.governance.models import Proposal
from app.governance.service import carries, latest, propose
from app.merchants.contest_models import Contest, ContestReason, ContestState
from app.merchants.payments import lock_payment
from app.merchants.refunds import Asked, refund_payment, refundable_cents
from app.merchants.registration import check_not_own_shop
from app.merchants.signing import RefundDesk

KIND = "contest"


def open_contest(
    session: Session,
    *,
    payment_id: UUID,
    payer_id: UUID,
    reason: ContestReason,
    by: UUID | None,
    now: datetime,
) -> Contest:
    """`by`: the officer at whose counter the holder says it. Raises Problem."""
    payment = lock_payment(session, payment_id)
    if payment.payer_id != payer_id or payment.accepted_at is None:
        raise NotFound("payment-unknown")
    if payment.contestable_until is None:
        raise Problem("contest-not-by-card")
    if payment.contestable_until <= now:
        raise Problem("contest-late")
    if refundable_cents(session, payment) == 0:
        raise Problem("contest-nothing-left")
    if contest_of(session, payment_id) is not None:
        raise Problem("contest-exists")
    made = Contest(
        payment_id=payment_id, reason=reason, state=ContestState.OPEN, opened_at=now, opened_by=by
    )
    session.add(made)
    session.flush()
    return made


def contest_of(session: Session, payment_id: UUID) -> Contest | None:
    return session.scalar(select(Contest).where(col(Contest.payment_id) == payment_id))


def open_contests(session: Session) -> Sequence[Contest]:
    """What waits for a decision, oldest first."""
    waiting = select(Contest).where(col(Contest.state) == ContestState.OPEN)
    return session.scalars(waiting.order_by(col(Contest.id))).all()


def propose_decision(
    session: Session, *, contest_id: UUID, upheld: bool, by: UUID, now: datetime
) -> Proposal:
    """Nothing moves until another officer confirms. Raises Problem."""
    contest = _locked(session, contest_id)
    _check_may_decide(session, contest, by)
    return propose(session, KIND, contest_id, {"upheld": upheld}, by=by, now=now)


@carries(KIND)
def _decide(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    contest = _locked(session, UUID(proposal.subject))
    _check_may_decide(session, contest, by)
    upheld = proposal.payload["upheld"] is True
    contest.state = ContestState.UPHELD if upheld else ContestState.DISMISSED
    contest.decided_at = now
    session.flush()


def refund_upheld(session: Session, contest_id: UUID, *, desk: RefundDesk, now: datetime) -> bool:
    """What is left of the payment goes back to its holder, once. Raises Problem."""
    contest = _locked(session, contest_id)
    if contest.state is not ContestState.UPHELD or contest.refunded_at is not None:
        return False
    payment = lock_payment(session, contest.payment_id)
    decided = latest(session, KIND, contest.id)
    cents = refundable_cents(session, payment)
    if cents:
        refund_payment(
            session,
            merchant_id=payment.merchant_id,
            payment_id=payment.id,
            amount_cents=cents,
            asked=Asked(desk, decided.decided_by if decided else None, None, now),
        )
    contest.refunded_at = now
    session.flush()
    return True


def upheld_contests(session: Session) -> Sequence[UUID]:
    """Those whose refund is still due."""
    due = select(col(Contest.id)).where(
        col(Contest.state) == ContestState.UPHELD, col(Contest.refunded_at).is_(None)
    )
    return session.scalars(due.order_by(col(Contest.id))).all()


def _check_may_decide(session: Session, contest: Contest, by: UUID) -> None:
    """Neither the holder nor somebody of the shop."""
    payment = lock_payment(session, contest.payment_id)
    if payment.payer_id == by:
        raise Problem("contest-own")
    check_not_own_shop(session, payment.merchant_id, by)
    if contest.state is not ContestState.OPEN:
        raise Problem("proposal-decided")


def _locked(session: Session, contest_id: UUID) -> Contest:
    found = session.get(Contest, contest_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found
