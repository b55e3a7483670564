"""What a key's revocation does to deeds that it vouched for and that are not on the chain."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions import key_revocation, review
from app.governance.models import Proposal
from app.governance.service import carries
from app.impact.catalogue import catalogue
from app.rewards import letters
from app.rewards.authenticate import Money

REASON = "key-revoked-for-cause"


@carries(key_revocation.KIND)
def _revoke(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    """For cause, each such deed is refused, and its doer told why and what to do."""
    money = Money(catalogue())
    for action in key_revocation.revoke(session, proposal, by, now):
        review.refuse_locked(
            session, action, reason=REASON, by=by, now=now, unvaluer=money.give_back
        )
        letters.tell_refused(session, action, now)
