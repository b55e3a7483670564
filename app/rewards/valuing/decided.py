"""What two officers decided about deeds: a reversal, and what falls with a revoked key.

Whoever did the deed is told why and what to do. Proposals are made through here, so that whatever
process proposes can confirm too.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions import key_revocation, reversals, review
from app.actions.key_revocation import propose_revocation
from app.actions.models import Action
from app.actions.reversals import propose_reversal
from app.governance.models import Proposal
from app.governance.service import carries
from app.impact.catalogue import catalogue
from app.rewards import letters
from app.rewards.valuing.authenticate import Money

__all__ = ["propose_reversal", "propose_revocation"]

REASON = "key-revoked-for-cause"


@carries(reversals.KIND)
def _reverse(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    action = reversals.reverse(session, proposal, by, now)
    Money(catalogue()).lift(session, action)
    letters.tell_reversed(session, action, now)


@carries(key_revocation.KIND)
def _revoke(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    """For cause, each deed that it vouched for and that is not on the chain is refused."""
    fallen = key_revocation.revoke(session, proposal, by, now)
    Money(catalogue()).give_all_back(session, fallen)
    for action in fallen:
        review.refuse_locked(session, action, reason=REASON, by=by, now=now, unvaluer=_given_back)
        letters.tell_refused(session, action, now)


def _given_back(_session: Session, _action: Action) -> None:
    """Done for all of them before, since counters are locked once for each programme."""
