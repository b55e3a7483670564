"""A shop stops taking tokens: one officer proposes it, another confirms."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Problem
from app.governance.models import Proposal
from app.governance.service import carries, propose
from app.merchants.models import PayeeState
from app.merchants.payments import merchant_of
from app.merchants.registration import check_not_own_shop, close_merchant

KIND = "shop-closing"


def propose_closing(session: Session, *, merchant_id: UUID, by: UUID, now: datetime) -> Proposal:
    """The shop goes on taking tokens until another officer confirms. Raises Problem."""
    if merchant_of(session, merchant_id).state is not PayeeState.ACTIVE:
        raise Problem("payee-not-active")
    check_not_own_shop(session, merchant_id, by)
    return propose(session, KIND, merchant_id, {}, by=by, now=now)


@carries(KIND)
def _close(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    merchant_id = UUID(proposal.subject)
    check_not_own_shop(session, merchant_id, by)
    close_merchant(session, merchant_id=merchant_id, now=now)
