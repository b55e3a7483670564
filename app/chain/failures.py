"""What becomes of an outbox row that a contract refused, by the name of its custom error.

Waiting: the reason can pass by itself, the row goes out again later. Failed: it can't, the owner
of the kind takes it apart. Held: anything else, since only a person can tell what it means: books
that contradict themselves, or "it was done already", which a restored database would see. Each is
written in the caller's transaction; nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.chain.edge import FailureHandler
from app.chain.errors import Reverted
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.service import report_incident

PASSING = frozenset(
    {
        "AccessManagedUnauthorized",
        "BlockNotInForce",  # yet: the block is on its way by another key
        "DailyCeilingExceeded",
        "DailyLimitExceeded",
        "FundingExceeded",
        "PauseInForce",
        "PayeeNotRegistered",
        "ProgrammeTooEarlyToClose",
        "ProgrammeUnknown",
        "ProposalUnknown",
        "ReasonPassed",
        "RecoveryStateWrong",  # so far: the step before it is on its way by another key
        "RecoveryTooEarly",
        "Refused",  # by the node, before anything was signed
    }
)
FINAL = frozenset(
    {
        "CellsDisagree",
        "CorrectionTooLarge",
        "CreditRefused",
        "PeriodNotAfter",
        "ProgrammeIsClosed",
        "TokenExpired",
        "TransactionTooLarge",  # accounts were emptied after the batch was cut: cut a smaller one
    }
)
PATIENCE = 10  # attempts after which waiting becomes an incident
LONGEST_WAIT = timedelta(minutes=5)


def settle_refusal(
    session: Session,
    items: Sequence[OutboxItem],
    error: Reverted,
    now: datetime,
    on_failure: Mapping[str, FailureHandler],
) -> None:
    """Decide each row's way on; the rows are locked by the caller."""
    for item in items:
        item.attempts += 1
        item.last_error = str(error)[:500]
        if passes(error):
            _wait(session, item, now)
        elif error.name in FINAL:
            item.state = OutboxState.FAILED
            _report(session, item, "outbox_failed", now)
            if item.kind in on_failure:
                on_failure[item.kind](session, item, error, now)
        else:
            item.state = OutboxState.HELD
            _report(session, item, "outbox_held", now)


def passes(error: Reverted) -> bool:
    """Whether the reason can pass by itself."""
    arguments = error.arguments
    if error.name == "BatchCountWrong":  # an earlier batch is still to come
        return int(arguments["expected"]) > int(arguments["actual"])
    if error.name == "RuleSetVersionWrong":
        return int(arguments["version"]) > int(arguments["expected"])
    return error.name in PASSING


def _wait(session: Session, item: OutboxItem, now: datetime) -> None:
    item.state = OutboxState.WAITING
    item.not_before = now + min(timedelta(seconds=2 ** min(item.attempts, 9)), LONGEST_WAIT)
    if item.attempts == PATIENCE:
        _report(session, item, "outbox_waits", now)


def _report(session: Session, item: OutboxItem, code: str, now: datetime) -> None:
    detail = f"{item.kind} {item.key}: {item.last_error}"
    report_incident(session, code=code, detail=detail, now=now, reference=str(item.id))
