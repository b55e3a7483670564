"""Steps of recoveries and blocks that the chain refuses for good, since time went by before they
came to it: it stood still, or a key was paused, for longer than they last there. Nothing waits on.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.chain.edge import FailureHandler
from app.chain.errors import Reverted
from app.outbox.models import OutboxItem
from app.recovery.cases import fail
from app.recovery.forwarding import REASON
from app.recovery.models import OPEN, Recovery
from app.rewards.money import ledger

EXECUTED = 5  # Recovery.State


def step_refused(session: Session, item: OutboxItem, error: Reverted, now: datetime) -> None:
    """What has lapsed on the chain has failed here too: the officers begin anew."""
    case_id = UUID(item.key.partition(":")[0])
    case = session.get(Recovery, case_id, with_for_update=True, populate_existing=True)
    if case is None or case.state not in OPEN or error.arguments.get("state") == EXECUTED:
        return
    fail(session, case, now)


def nothing_left(_session: Session, _item: OutboxItem, _error: Reverted, _now: datetime) -> None:
    """The block has ended by itself; or the day has a root, and an operator has looked."""


def forward_refused(session: Session, item: OutboxItem, _error: Reverted, now: datetime) -> None:
    """Its cents are free again, and are sent on anew as long as the programme takes that."""
    sender = item.payload["forwarded"]["sender"]
    reference = bytes.fromhex(item.key)
    ledger.end_hold(session, address=sender, reason=REASON, reference=reference, now=now)


_STEPS = (
    "propose_recovery", "confirm_recovery", "withdraw_recovery", "contest_recovery",
    "vote_recovery", "execute_recovery",
)  # fmt: skip
ON_FAILURE: dict[str, FailureHandler] = {
    **dict.fromkeys(_STEPS, step_refused),
    "unblock_account": nothing_left,
    "anchor": nothing_left,
    "forward": forward_refused,
}
