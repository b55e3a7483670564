"""What becomes of an outbox row that a contract refused, by the name of its custom error.

Refusals are of four kinds. *Order*: its count is wrong because an earlier batch of ours didn't
come first; the same batch goes out with its new count. Without such a batch our books contradict
the chain: the key stops. *Item*: what it says can never be carried out, the owner of the kind takes
it apart. *Wait*: the reason passes by itself or by a person elsewhere; the queue stands, nothing is
changed. *Bug*: anything else, since only a person can tell what it means; the row is held. Each is
written in the caller's transaction; nothing is dropped.

Of a call that several orders or refunds share, each that the desk skipped is refused by itself.

What alone is above a whole day's ceiling fits on no day: a batch is taken apart and cut anew under
the ceiling of now, anything else waits for a higher one, and the operator is told at once.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.edge import FailureHandler
from app.chain.errors import Reverted
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.pauses import pause
from app.outbox.refused_long import PATIENCE, count_refused
from app.outbox.service import incident_passed, report_incident


class RevertKind(enum.Enum):
    ORDER = "order"
    ITEM = "item"
    WAIT = "wait"
    BUG = "bug"


KIND_OF: dict[str, RevertKind] = {
    "BatchCountWrong": RevertKind.ORDER,
    "CellsDisagree": RevertKind.ITEM,
    "CorrectionTooLarge": RevertKind.ITEM,
    "CreditRefused": RevertKind.ITEM,
    "PeriodNotAfter": RevertKind.ITEM,
    "ProgrammeIsClosed": RevertKind.ITEM,
    "TokenExpired": RevertKind.ITEM,
    "TransactionTooLarge": RevertKind.ITEM,  # accounts were emptied since, or blocks hold less now
    "AcceptanceWrong": RevertKind.WAIT,  # until the acceptor's key counts, or two officers vouch
    "AccessManagedUnauthorized": RevertKind.WAIT,  # until the role is given (back)
    "BlockNotInForce": RevertKind.WAIT,  # yet: the block is on its way by another key
    "CompletenessUnproven": RevertKind.WAIT,  # by ourselves: see app.reporting.completeness
    "DailyCeilingExceeded": RevertKind.WAIT,
    "DailyLimitExceeded": RevertKind.WAIT,
    "FundingExceeded": RevertKind.WAIT,
    "GasRanOut": RevertKind.WAIT,  # within a call that went through: it is counted anew
    "MoverUnauthorized": RevertKind.WAIT,  # until the timelock gives the contract its right
    "NotAllowed": RevertKind.WAIT,  # by the network's permissions, before anything was signed
    "NotFunded": RevertKind.WAIT,  # on a chain that asks for fees
    "OrderNotExecuted": RevertKind.WAIT,  # yet: what is given back is on its way
    "PauseInForce": RevertKind.WAIT,
    "PayeeNotReceiving": RevertKind.WAIT,  # until it is opened again
    "PayeeNotRegistered": RevertKind.WAIT,
    "PayeeUnknown": RevertKind.WAIT,
    "PayeesMayNotPay": RevertKind.WAIT,  # until an officer lets them again
    "ProgrammeTooEarlyToClose": RevertKind.WAIT,
    "ProgrammeUnknown": RevertKind.WAIT,
    "ProposalUnknown": RevertKind.WAIT,
    "ReasonPassed": RevertKind.WAIT,
    "RegistryNotInForce": RevertKind.WAIT,  # handed over: until the record names the next
    "RecoveryStateWrong": RevertKind.WAIT,  # so far: the step before it is on its way
    "RecoveryTooEarly": RevertKind.WAIT,
}
_UNTIL = {
    "PauseInForce": "until",
    "ProgrammeTooEarlyToClose": "from",
    "RecoveryTooEarly": "readyAt",
}
OVER_A_DAY = "above_day_limit"
RECOVERY_ENDED = (5, 6)  # executed, failed or lapsed: no step comes after it
_DAYS = {"DailyCeilingExceeded": "ceiling", "DailyLimitExceeded": "limit"}
LONGEST_WAIT = timedelta(minutes=5)
UNSETTLED = (OutboxState.WAITING, OutboxState.HELD, OutboxState.SENT)


def kind_of(error: Reverted) -> RevertKind:
    if error.name == "RecoveryStateWrong" and int(error.arguments["state"]) in RECOVERY_ENDED:
        return RevertKind.ITEM
    if error.name == "RuleSetVersionWrong":  # an earlier version is still to come
        early = int(error.arguments["version"]) > int(error.arguments["expected"])
        return RevertKind.WAIT if early else RevertKind.BUG
    return KIND_OF.get(error.name, RevertKind.BUG)


def settle_refusal(
    session: Session,
    items: Sequence[OutboxItem],
    error: Reverted,
    now: datetime,
    on_failure: Mapping[str, FailureHandler],
) -> None:
    """Decide each row's way on; the rows are locked by the caller."""
    for item in items:
        over = over_a_day(item, error)
        passed = over or _ended_by_itself(session, item, error)
        kind = RevertKind.ITEM if passed and item.kind in on_failure else kind_of(error)
        item.attempts += item.state is not OutboxState.SENT  # a sending was counted as it went out
        before, item.last_error, item.skipped = item.last_error, str(error)[:500], False
        item.waits_until = None if over else waits_until(error, now)
        if kind is RevertKind.WAIT:
            _wait(session, item, now, over=over)
        elif kind is RevertKind.ORDER:
            _order(session, item, error, now)
        elif kind is RevertKind.ITEM and item.kind in on_failure:
            _stop(session, item, OutboxState.FAILED, "outbox_failed", now)
            on_failure[item.kind](session, item, error, now)
        else:
            _stop(session, item, OutboxState.HELD, "outbox_held", now)
        if item.attempts > PATIENCE and before != item.last_error:  # it waited for that
            count_refused(session, item, before, now)


def settle_skipped(
    session: Session,
    item: OutboxItem,
    error: Reverted,
    now: datetime,
    on_failure: Mapping[str, FailureHandler],
) -> None:
    """The same for one that its call went through without: it holds back no other."""
    settle_refusal(session, [item], error, now, on_failure)
    item.skipped = True


def _ended_by_itself(session: Session, item: OutboxItem, error: Reverted) -> bool:
    """Whether what isn't in force was: a block that this row is to lift is on its way no more."""
    if error.name != "BlockNotInForce":
        return False
    query = select(col(OutboxItem.id)).where(
        col(OutboxItem.kind) == "block_account",
        col(OutboxItem.key) == item.key,
        col(OutboxItem.state).in_(UNSETTLED),
    )
    return session.scalars(query).first() is None


def over_a_day(item: OutboxItem, error: Reverted) -> bool:
    """Whether what it mints or burns is more than any day lets through."""
    if error.name not in _DAYS:
        return False
    credited = (int(credit[42:], 16) for credit in item.payload.get("credits", ()))
    burned = map(int, item.payload.get("amounts", ()))
    return sum(credited) + sum(burned) > int(error.arguments[_DAYS[error.name]])


def waits_until(error: Reverted, now: datetime) -> datetime | None:
    """Until when the chain refuses, where it is known."""
    if error.name in _UNTIL:
        return datetime.fromtimestamp(int(error.arguments[_UNTIL[error.name]]), UTC)
    if error.name in _DAYS:
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=1)
    return None


def settle(session: Session, item: OutboxItem, now: datetime) -> None:
    """Done for good: only now is it certain that the chain doesn't refuse it any more."""
    error, item.last_error = item.last_error, None
    item.state, item.final_at = OutboxState.FINAL, now
    incident_passed(session, code=OVER_A_DAY, now=now, reference=str(item.id))
    if item.attempts >= PATIENCE:
        count_refused(session, item, error, now)


def _wait(session: Session, item: OutboxItem, now: datetime, *, over: bool = False) -> None:
    item.state = OutboxState.WAITING
    item.not_before = now + min(timedelta(seconds=2 ** min(item.attempts, 9)), LONGEST_WAIT)
    if item.attempts >= PATIENCE:
        count_refused(session, item, item.last_error, now)
    if over:
        _report(session, item, OVER_A_DAY, now)
    else:
        incident_passed(session, code=OVER_A_DAY, now=now, reference=str(item.id))


def _stop(session: Session, item: OutboxItem, state: OutboxState, code: str, now: datetime) -> None:
    item.state = state
    incident_passed(session, code=OVER_A_DAY, now=now, reference=str(item.id))
    _report(session, item, code, now)


def _order(session: Session, item: OutboxItem, error: Reverted, now: datetime) -> None:
    if _behind_one_of_ours(session, item, error):
        _wait(session, item, now)
        return
    item.state = OutboxState.WAITING
    reason = f"our books contradict the chain: {error}"
    pause(session, item.signer, reason=f"by Civis: {reason}", now=now)
    report_incident(
        session, code="batches_contradict_chain", detail=reason, now=now, reference=item.signer
    )


def _behind_one_of_ours(session: Session, item: OutboxItem, error: Reverted) -> bool:
    """Whether a batch that is not on the chain for good yet has a place that is missing there."""
    expected, actual = int(error.arguments["expected"]), int(error.arguments["actual"])
    place = type_coerce(col(OutboxItem.payload), JSONB)["expected_count"].as_integer()
    query = select(col(OutboxItem.id)).where(
        col(OutboxItem.kind) == item.kind,
        col(OutboxItem.id) != item.id,
        col(OutboxItem.state).in_(UNSETTLED),
        place >= actual,
        place < expected,
    )
    return session.scalars(query.limit(1)).first() is not None


def _report(session: Session, item: OutboxItem, code: str, now: datetime) -> None:
    detail = f"{item.kind} {item.key}: {item.last_error}"
    report_incident(session, code=code, detail=detail, now=now, reference=str(item.id))
