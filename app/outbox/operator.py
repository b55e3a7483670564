"""What an operator may do with a row that stands still, each time with a reason and a name.

Retrying asks the chain again and can't do harm: what was done already is refused again. Only a
kind whose owner can take its content apart can be cancelled; what was accepted from people
(a payment, a funding) is never dropped. Callers commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app import telemetry
from app.chain.edge import FailureHandler
from app.chain.errors import Reverted
from app.outbox.kinds import KINDS
from app.outbox.models import Incident, OutboxItem, OutboxState
from app.outbox.pauses import pause, paused, resume
from app.outbox.refused_long import count_refused

log = telemetry.logger("outbox")
SIGNERS = frozenset(signer for kind in KINDS.values() for signer in kind.signers)

OPEN = (OutboxState.WAITING, OutboxState.HELD)
UNSETTLED = (*OPEN, OutboxState.SENT)
MOST = 200


class NotPossibleError(Exception):
    """One sentence: why not, and what to do instead."""


@dataclass(frozen=True)
class By:
    """Who, by the name of their system user, and why."""

    name: str
    reason: str

    @property
    def words(self) -> str:
        return f"by {self.name}: {self.reason}"


def unsettled(session: Session) -> Sequence[OutboxItem]:
    """What hasn't reached the chain for good, what an operator must look at first."""
    query = select(OutboxItem).where(col(OutboxItem.state).in_(UNSETTLED))
    held_first = query.order_by(col(OutboxItem.state) != OutboxState.HELD, col(OutboxItem.id))
    return session.scalars(held_first.limit(MOST)).all()


def history(session: Session, item_id: UUID) -> Sequence[Incident]:
    """What was noted about a row, oldest first."""
    query = select(Incident).where(col(Incident.reference) == str(item_id))
    return session.scalars(query.order_by(col(Incident.id))).all()


def retry(session: Session, item_id: UUID, by: By, now: datetime) -> OutboxItem:
    """It goes out at the next round, unless the chain refuses it again."""
    item = standing(session, item_id)
    item.state, item.not_before, item.attempts = OutboxState.WAITING, None, 0
    _note(session, item, "outbox_retried", by, now)
    return item


def cancel(
    session: Session,
    item_id: UUID,
    by: By,
    now: datetime,
    on_failure: Mapping[str, FailureHandler],
) -> OutboxItem:
    """Taken apart by the owner of its kind, as if the chain had refused it for good."""
    item = standing(session, item_id)
    _take_apart(session, item, Reverted("CancelledByOperator", {}), now, on_failure)
    _note(session, item, "outbox_cancelled", by, now)
    return item


def quarantine(
    session: Session,
    item_id: UUID,
    by: By,
    now: datetime,
    *,
    account: str,
    on_failure: Mapping[str, FailureHandler],
) -> OutboxItem:
    """A batch goes out without one account's deeds, as if the chain had named it as the culprit:
    those are quarantined with this reason, the others go into a later batch."""
    item = standing(session, item_id)
    credits_ = item.payload.get("credits", [])
    if not any(credit.startswith(account.lower()) for credit in credits_):
        raise NotPossibleError(f"This row credits no account {account}.")
    culprit = Reverted("CreditRefused", {"account": account})
    _take_apart(session, item, culprit, now, on_failure)
    _note(session, item, "outbox_quarantined", By(by.name, f"{account}: {by.reason}"), now)
    return item


def _take_apart(
    session: Session,
    item: OutboxItem,
    why: Reverted,
    now: datetime,
    on_failure: Mapping[str, FailureHandler],
) -> None:
    owner = on_failure.get(item.kind)
    if owner is None:
        raise NotPossibleError(
            f"A row of the kind {item.kind} can't be cancelled: somebody was promised what it "
            "says. Mend the cause that `civis outbox explain` names, then retry."
        )
    item.state = OutboxState.FAILED
    owner(session, item, why, now)


def acknowledge(session: Session, incident_id: UUID, by: By, now: datetime) -> Incident:
    """Somebody has looked; what this incident stopped goes on at the next round, and stops again
    if its reason is still there."""
    incident = session.get(Incident, incident_id, with_for_update=True)
    if incident is None:
        raise NotPossibleError(f"There is no incident {incident_id}: see `civis outbox incidents`.")
    if incident.acknowledged_at is not None:
        raise NotPossibleError("Somebody has looked at this incident already, or it has passed.")
    incident.acknowledged_at = now
    record(session, "incident_acknowledged", f"{incident.code}, {by.words}", str(incident.id), now)
    return incident


def check_key(signer: str) -> None:
    """Raises NotPossibleError, naming those there are."""
    if signer not in SIGNERS:
        raise NotPossibleError(f"There is no key {signer}: there are {', '.join(sorted(SIGNERS))}.")


def pause_key(session: Session, signer: str, by: By, now: datetime) -> None:
    """From the next round on it sends nothing, neither new nor again."""
    check_key(signer)
    if signer in paused(session):
        raise NotPossibleError(
            f"The key {signer} is paused already: {paused(session)[signer].reason}"
        )
    pause(session, signer, reason=by.words, now=now)
    record(session, "key_paused", f"{signer}, {by.words}", signer, now)


def resume_key(session: Session, signer: str, by: By, now: datetime) -> None:
    """At the next round; what was reported about the key is looked at by this."""
    check_key(signer)
    if not resume(session, signer):
        raise NotPossibleError(f"The key {signer} is not paused.")
    _looked_at(session, signer, now)
    record(session, "key_resumed", f"{signer}, {by.words}", signer, now)


def note_filled(session: Session, signer: str, by: By, what: str, now: datetime) -> None:
    record(session, "nonce_filled", f"{signer}, {what}, {by.words}", signer, now)


def note_rebroadcast(session: Session, signer: str, by: By, number: int, now: datetime) -> None:
    record(session, "key_rebroadcast", f"{signer}, {number} transactions, {by.words}", signer, now)


def find(session: Session, item_id: UUID) -> OutboxItem:
    found = session.get(OutboxItem, item_id)
    if found is None:
        raise NotPossibleError(f"There is no row {item_id}: see `civis outbox list`.")
    return found


def standing(session: Session, item_id: UUID) -> OutboxItem:
    """Locked; no transaction can carry it. Raises NotPossibleError."""
    find(session, item_id)
    item = session.get_one(OutboxItem, item_id, with_for_update=True, populate_existing=True)
    if item.state is OutboxState.SENT:
        raise NotPossibleError(
            "A transaction carries this row: the chain has it, or answers in a moment, and what it "
            "answered is read by itself. There is nothing to decide."
        )
    if item.state is OutboxState.FINAL:
        raise NotPossibleError("This row is settled: there is nothing to take apart, or to retry.")
    if item.state not in OPEN:
        raise NotPossibleError(f"This row is {item.state.value}: there is nothing left to decide.")
    return item


def _note(session: Session, item: OutboxItem, code: str, by: By, now: datetime) -> None:
    """On record for ever; what was reported about the row is looked at by this."""
    _looked_at(session, str(item.id), now)
    count_refused(session, item, item.last_error, now)
    record(session, code, f"{item.kind} {item.key}, {by.words}", str(item.id), now)


def _looked_at(session: Session, reference: str, now: datetime) -> None:
    session.execute(
        update(Incident)
        .where(col(Incident.reference) == reference, col(Incident.acknowledged_at).is_(None))
        .values(acknowledged_at=now)
    )


def record(session: Session, code: str, detail: str, reference: str, now: datetime) -> None:
    """What a person did, for ever."""
    session.add(
        Incident(at=now, code=code, detail=detail, reference=reference, acknowledged_at=now)
    )
    session.flush()
    log.info("operator_deed", deed=code, detail=detail, reference=reference)
