"""Recording a deed: the citizen's own word, or an attester's signed statement.

Each use case lists its checks in order, writes the action with its log, and hands it to the
`valuer`, which lives above (rewards) and knows the programme's money. Nothing is committed here.
Statement, deed and log are written together, see docs/adr/0009-a-recording-in-few-statements.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions import log
from app.actions.models import (
    Action,
    ActionLog,
    ActionState,
    Attestation,
    Channel,
    ProofLevel,
    Track,
)
from app.actions.rules import check_deed, check_type
from app.actions.timetable import Terms, day_of, undo_until
from app.actions.told import Told
from app.db import uuid7
from app.impact.accounting import metrics_for
from app.impact.catalogue import ActionType, Catalogue
from app.privacy.service import Ref, seal
from app.rows import Part, fixed, made, written

Valuer = Callable[[Session, Action, datetime], ActionLog | None]  # what it changed, to be logged


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
    told: Told = field(default_factory=dict)
    other_id: UUID | None = None


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
    device_id: UUID | None = None


@dataclass(frozen=True)
class Entry:
    """A deed on its way in: all that is known of it. `statement`: whose word it is, signed."""

    terms: Terms
    action_type: ActionType
    doer: Doer
    deed: Deed
    source: Source
    now: datetime
    statement: Attestation | None = None


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
    return record(session, Entry(terms, action_type, doer, deed, source, now), valuer)


def record(session: Session, entry: Entry, valuer: Valuer) -> Action:
    """Checks the deed, inserts it, logs it, has it valued. Raises Problem."""
    quantity = check_deed(
        entry.terms,
        entry.action_type,
        quantity=entry.deed.quantity,
        deed_at=entry.deed.deed_at,
        now=entry.now,
        confirmed_unusual=entry.deed.confirmed_unusual,
        at_counter=entry.source.channel is Channel.ATTESTER,
    )
    action = made(
        Action,
        _what(entry, quantity) | _who(entry) | _fresh_tracks() | {"recorded_at": entry.now},
    )
    if entry.deed.note:
        ref = Ref("action", "note_sealed", action.id)
        action.note_sealed = seal(session, entry.doer.person_id, ref, entry.deed.note)
    recorded = log.entry(action, before=None, now=entry.now, by=entry.source.entered_by)
    valued = valuer(session, action, entry.now)  # counters are locked before the deed is inserted
    _write(session, action, [recorded] if valued is None else [recorded, valued], entry.statement)
    return action


def _write(
    session: Session, action: Action, logs: list[ActionLog], statement: Attestation | None
) -> None:
    """Here the constraints speak: received before, else recorded twice."""
    deed, entries = Part(Action, "deed", [action]), Part(ActionLog, "log", logs)
    values = deed.values() | entries.values()
    if statement is None:
        sql = f"with deed as ({deed.insert()}) {entries.insert()}"
    else:
        kept = Part(Attestation, "kept", [statement])
        values |= kept.values()
        sql = (
            f"with kept as ({kept.insert()} returning digest), "
            f"deed as ({deed.insert('from kept')}) {entries.insert()}"
        )
    fixed(sql).rows(session, values)
    written(session, action)


def _what(entry: Entry, quantity: int) -> dict[str, Any]:
    deed, terms, action_type = entry.deed, entry.terms, entry.action_type
    return {
        "id": uuid7(),
        "action_type_id": action_type.id,
        "action_type_version": action_type.version,
        "quantity": quantity,
        "metrics": metrics_for(action_type, quantity),
        "deed_at": _whole_second(deed.deed_at),
        "deed_until": deed.deed_until,
        "deed_day": day_of(deed.deed_at, terms.zone),
        "district": deed.district or entry.source.district,
        "undo_until": undo_until(terms, entry.now),
        "told": dict(deed.told),
        "other_id": deed.other_id,
    }


def _who(entry: Entry) -> dict[str, Any]:
    source = entry.source
    return {
        "programme_id": entry.terms.programme_id,
        "person_id": entry.doer.person_id,
        "account_address": entry.doer.account_address,
        "channel": source.channel,
        "organisation_id": source.organisation_id,
        "entered_by": source.entered_by,
        "device_id": source.device_id,
        "proof_level": source.proof_level,
        "attestation_digest": source.attestation_digest,
    }


def _fresh_tracks() -> dict[str, Any]:
    """Complete and in time; whether it fits and was not made up is still open."""
    return {
        "recording_track": Track.PASSED,
        "anomaly_track": Track.PENDING,
        "fraud_track": Track.PENDING,
        "state": ActionState.RECORDED,
    }


def _whole_second(moment: datetime) -> datetime:
    """Statements speak in whole seconds, and so does what is kept."""
    return moment - timedelta(microseconds=moment.microsecond)
