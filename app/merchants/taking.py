"""A known shop takes another programme's tokens: one officer proposes it, another confirms."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Problem
from app.governance.models import Proposal
from app.governance.service import carries, propose
from app.merchants.payments import merchant_of
from app.merchants.registration import check_not_own_shop, take_programme
from app.rewards.models import Programme

KIND = "shop-programme"


def propose_taking(
    session: Session, *, merchant_id: UUID, programme_id: UUID, by: UUID, now: datetime
) -> Proposal:
    """Nothing changes at the till until another officer confirms. Raises Problem."""
    merchant_of(session, merchant_id)
    if session.get(Programme, programme_id) is None:
        raise Problem("not-found", field="programme_id")
    check_not_own_shop(session, merchant_id, by)
    payload = {"programme_id": str(programme_id)}
    return propose(session, KIND, merchant_id, payload, by=by, now=now)


@carries(KIND)
def _take(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    merchant_id = UUID(proposal.subject)
    check_not_own_shop(session, merchant_id, by)
    take_programme(
        session,
        merchant_id=merchant_id,
        programme_id=UUID(proposal.payload["programme_id"]),
        by=proposal.proposed_by,
        now=now,
    )
