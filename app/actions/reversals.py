"""A settled deed leaves the figures: one officer proposes it with a reason, another confirms.

Tokens are not clawed back. Both people stand in the deed's log.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions import log
from app.actions.models import Action, ActionState
from app.actions.review import check_not_own, check_reason
from app.actions.states import Settlement
from app.governance.models import Proposal
from app.governance.service import propose

KIND = "reversal"
PROPOSED = "reversal-proposed"


def propose_reversal(
    session: Session, *, action_id: UUID, reason: str, by: UUID, now: datetime
) -> Proposal:
    """The first officer's part: the figures stay as they are. Raises Problem."""
    check_reason(reason)
    action = _reversible(session, action_id, by)
    proposal = propose(session, KIND, action.id, {"reason": reason}, by=by, now=now)
    log.write(session, action, before=action.state.value, now=now, reason=PROPOSED, by=by)
    session.flush()
    return proposal


def reverse(session: Session, proposal: Proposal, by: UUID, now: datetime) -> Action:
    """The second officer's part, called when they confirm."""
    action = _reversible(session, UUID(proposal.subject), by)
    action.reversed_at = now
    reason = action.reason_code = proposal.payload["reason"]
    log.change(session, action, now=now, settlement=Settlement.REVERSED, reason=reason, by=by)
    session.flush()
    return action


def _reversible(session: Session, action_id: UUID, by: UUID) -> Action:
    action = log.lock_action(session, action_id)
    check_not_own(action, by)
    log.check_state(action, ActionState.SETTLED)
    return action
