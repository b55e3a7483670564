"""Recording a deed: the citizen's own word, or an attester's signed statement.

Each use case lists its checks in order, writes the action with its log, and hands it to the
`valuer`, which lives above (rewards) and knows the programme's money. Nothing is committed here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions import log
from app.actions.models import Action, ActionState, Channel, ProofLevel, Track
from app.actions.rules import check_deed, check_type
from app.actions.timetable import Terms, day_of, undo_until
from app.db import uuid7
from app.impact.accounting import metrics_for
from app.impact.catalogue import ActionType, Catalogue
from app.privacy.service import Ref, seal

Valuer = Callable[[Session, Action, datetime], None]


@dataclass(frozen=True)
class Deed:
    """What somebody says was done; `quantity` in the type's unit, not yet believed."""

    action_type: str
    quantity: Any
    deed_at: datetime
    deed_until: datetime | None = None
    district: str | None = None
    note: str | None = None
    confirmed_unusual: bool = False


@dataclass(frozen=True)
class Doer:
    """Whose deed it is, and the account that it would be credited to."""

    person_id: UUID
    account_address: str


@dataclass(frozen=True)
class Source:
    """Who brings the deed, and what stands behind it."""

    channel: Channel
    proof_level: ProofLevel
    entered_by: UUID | None = None
    organisation_id: UUID | None = None
    district: str | None = None
    attestation_digest: bytes | None = None


def record_by_citizen(
    session: Session,
    *,
    terms: Terms,
    catalogue: Catalogue,
    doer: Doer,
    deed: Deed,
    now: datetime,
    valuer: Valuer,
) -> Action:
    """The citizen's own word: level declared, counted apart and never rewarded."""
    source = Source(Channel.CITIZEN, ProofLevel.DECLARED, entered_by=doer.person_id)
    action_type = check_type(catalogue, terms, deed.action_type, source.proof_level)
    return record(
        session,
        terms=terms,
        action_type=action_type,
        doer=doer,
        deed=deed,
        source=source,
        now=now,
        valuer=valuer,
    )


def record(
    session: Session,
    *,
    terms: Terms,
    action_type: ActionType,
    doer: Doer,
    deed: Deed,
    source: Source,
    now: datetime,
    valuer: Valuer,
) -> Action:
    """Checks the deed, inserts it, logs it, has it valued. Raises Problem."""
    quantity = check_deed(
        terms,
        action_type,
        quantity=deed.quantity,
        deed_at=deed.deed_at,
        now=now,
        confirmed_unusual=deed.confirmed_unusual,
    )
    action = _new(
        terms=terms,
        action_type=action_type,
        quantity=quantity,
        doer=doer,
        deed=deed,
        source=source,
        now=now,
    )
    if deed.note:
        ref = Ref("action", "note_sealed", action.id)
        action.note_sealed = seal(session, doer.person_id, ref, deed.note)
    session.add(action)
    session.flush()  # the constraints speak here: recorded twice, statement replayed
    log.write(session, action, before=None, now=now, by=source.entered_by)
    valuer(session, action, now)
    session.flush()
    return action


def _new(
    *,
    terms: Terms,
    action_type: ActionType,
    quantity: int,
    doer: Doer,
    deed: Deed,
    source: Source,
    now: datetime,
) -> Action:
    return Action(
        id=uuid7(),
        programme_id=terms.programme_id,
        person_id=doer.person_id,
        account_address=doer.account_address,
        channel=source.channel,
        organisation_id=source.organisation_id,
        entered_by=source.entered_by,
        action_type_id=action_type.id,
        action_type_version=action_type.version,
        quantity=quantity,
        metrics=metrics_for(action_type, quantity),
        deed_at=_whole_second(deed.deed_at),
        deed_until=deed.deed_until,
        deed_day=day_of(deed.deed_at, terms.zone),
        district=deed.district or source.district,
        recorded_at=now,
        proof_level=source.proof_level,
        recording_track=Track.PASSED,
        anomaly_track=Track.PENDING,
        fraud_track=Track.PENDING,
        state=ActionState.RECORDED,
        attestation_digest=source.attestation_digest,
        undo_until=undo_until(terms, now),
    )


def _whole_second(moment: datetime) -> datetime:
    """Statements speak in whole seconds, and so does what is kept."""
    return moment - timedelta(microseconds=moment.microsecond)
