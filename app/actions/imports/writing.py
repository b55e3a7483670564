"""Writing a chunk's verdicts: set by set, never row by row.

Rows that can only be new go by COPY; sums are added in one statement. Kept trips come last: the
`valuer` of the money locks what everybody wants, and they are written valued right after.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app.actions.imports.checks import Trip
from app.actions.imports.frame import Frame, Verdict
from app.actions.imports.sums import add_sums
from app.actions.models import (
    Action,
    ActionState,
    Channel,
    ProofLevel,
    Track,
)
from app.actions.timetable import undo_until
from app.actions.told import Told
from app.bulk import copy_lines, copy_rows
from app.db import uuid7
from app.impact.accounting import metrics_for

CREATED = ("accepted", "replaced")
_KEPT_AS = {"accepted": "action", "replaced": "action", "summed": "sum", "unlinked": "none"}
_RESULT = ("job_id", "row_number", "result", "reason_code", "action_id")
_TRIP = ("trip_hash", "content_hash", "kept_as", "action_id", "sum_day", "proof_path")
_NULL = r"\N"
_UPDATE_TRIP = text(
    "update imported_trip set content_hash = :content_hash, kept_as = :kept_as,"
    " action_id = :action_id, sum_day = :sum_day, proof_path = cast(:proof_path as jsonb)"
    " where organisation_id = :organisation_id and trip_hash = :trip_hash"
)


@dataclass(slots=True)
class Kept:
    """A trip that becomes an action, or corrects one; the valuer fills the rest."""

    action_id: UUID
    person_id: UUID
    trip: Trip
    before: ActionState | None  # of the action that it corrects
    told: Told
    other_id: UUID | None
    state: ActionState = ActionState.RECORDED
    anomaly: Track = Track.PENDING
    reward_cents: int = 0
    rule_set_version: int | None = None
    explanation: Sequence[dict[str, Any]] = ()
    due_at: datetime | None = None


# Values all of a chunk's trips in the order of the deeds; locks and saves counters.
BulkValuer = Callable[[Session, Frame, Sequence[Kept]], None]
Paths = Callable[[Sequence[int]], Iterable[dict[str, Any]]]
Addresses = Callable[[Collection[UUID]], Mapping[UUID, str]]  # of people's accounts


@dataclass(frozen=True)
class Desk:
    """What writing needs from elsewhere: addresses, values, paths, and the signed statement."""

    addresses: Addresses
    valuer: BulkValuer
    paths: Paths
    statement_digest: bytes | None


def write_chunk(
    session: Session, frame: Frame, desk: Desk, job_id: UUID, verdicts: Sequence[Verdict]
) -> dict[str, int]:
    """Everything that follows from the verdicts. Returns how many of each result."""
    kept = _kept(verdicts)
    _write_results(session, job_id, verdicts)
    _write_trips(session, frame, desk, verdicts)
    add_sums(session, frame, verdicts)
    if kept:
        desk.valuer(session, frame, sorted(kept, key=lambda one: one.trip.started_at))
        _write_actions(session, frame, desk, kept)
    return dict(Counter(v.result for v in verdicts))


def _kept(verdicts: Sequence[Verdict]) -> list[Kept]:
    kept = []
    for verdict in verdicts:
        if verdict.result in CREATED and verdict.trip and verdict.person_id:
            verdict.action_id = verdict.replaces or uuid7()
            kept.append(_one(verdict, verdict.action_id, verdict.person_id, verdict.trip))
    return kept


def _one(verdict: Verdict, action_id: UUID, person_id: UUID, trip: Trip) -> Kept:
    return Kept(action_id, person_id, trip, verdict.before, verdict.told or {}, verdict.other_id)


def _write_actions(session: Session, frame: Frame, desk: Desk, kept: Sequence[Kept]) -> None:
    new = [one for one in kept if one.before is None]
    mine = desk.addresses({one.person_id for one in new}) if new else {}
    fresh = [_identity(frame, one, mine) | _content(frame, desk, one) for one in new]
    copy_rows(session, "action", fresh)
    corrected = [one for one in kept if one.before is not None]
    if corrected:
        changes = [{"id": one.action_id} | _content(frame, desk, one) for one in corrected]
        session.execute(update(Action), changes)
    copy_rows(session, "action_log", [row for one in kept for row in _logs(frame, one)])


def _identity(frame: Frame, one: Kept, addresses: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "id": one.action_id,
        "programme_id": frame.terms.programme_id,
        "person_id": one.person_id,
        "account_address": addresses[one.person_id],
        "channel": Channel.PARTNER,
        "organisation_id": frame.organisation_id,
        "action_type_id": frame.action_type.id,
        "action_type_version": frame.action_type.version,
        "recorded_at": frame.now,
        "undo_until": undo_until(frame.terms, frame.now),
        "proof_level": ProofLevel.MEASURED,
        "recording_track": Track.PASSED,
        "reason_values": {},
    }


def _content(frame: Frame, desk: Desk, one: Kept) -> dict[str, Any]:
    """What a correction may change: any change values the deed anew."""
    return {
        "quantity": one.trip.distance_m,
        "metrics": metrics_for(frame.action_type, one.trip.distance_m),
        "deed_at": one.trip.started_at,
        "deed_until": one.trip.ended_at,
        "deed_day": frame.day_of(one.trip),
        "told": dict(one.told),
        "other_id": one.other_id,
        "attestation_digest": desk.statement_digest,
        "anomaly_track": one.anomaly,
        "fraud_track": one.anomaly,
        "state": one.state,
        "reward_cents": one.reward_cents,
        "rule_set_version": one.rule_set_version,
        "explanation": list(one.explanation),
        "due_at": one.due_at,
    }


def _logs(frame: Frame, one: Kept) -> list[dict[str, Any]]:
    recorded = ActionState.RECORDED.value
    before = None if one.before is None else one.before.value
    reason = None if one.before is None else "corrected"
    steps = [(before, recorded, reason)]
    if one.state is not ActionState.RECORDED:
        steps.append((recorded, one.state.value, None))
    return [
        {
            "id": uuid7(),
            "action_id": one.action_id,
            "at": frame.now,
            "before": old,
            "after": new,
            "reason": why,
        }
        for old, new, why in steps
    ]


def _write_results(session: Session, job_id: UUID, verdicts: Sequence[Verdict]) -> None:
    job = str(job_id)
    lines = (
        f"{job}\t{v.number}\t{v.result}\t{v.reason or _NULL}\t{v.action_id or _NULL}\n"
        for v in verdicts
    )
    copy_lines(session, "import_result", _RESULT, lines)


def _write_trips(session: Session, frame: Frame, desk: Desk, verdicts: Sequence[Verdict]) -> None:
    """Nothing is written again of a trip whose rider is still unknown."""
    written = [
        v for v in verdicts if v.result in _KEPT_AS and not (v.known and v.result == "unlinked")
    ]
    created = [v.number for v in written if v.result in CREATED]
    paths = {
        number: json.dumps(path) for number, path in zip(created, desk.paths(created), strict=True)
    }
    fixed = f"{frame.organisation_id}\t{frame.now.isoformat()}"
    lines = (f"{fixed}\t{_trip_line(v, paths.get(v.number))}\n" for v in written if not v.known)
    columns = ("organisation_id", "first_seen_at", *_TRIP)
    copy_lines(session, "imported_trip", columns, lines)
    own = {"organisation_id": frame.organisation_id}
    known = [own | _trip_row(v, paths.get(v.number)) for v in written if v.known]
    if known:
        session.execute(_UPDATE_TRIP, known)


def _trip_row(verdict: Verdict, path: str | None) -> dict[str, Any]:
    """Of an unlinked rider's trip nothing is kept but the hash of its id."""
    kept_as = _KEPT_AS[verdict.result]
    return {
        "trip_hash": verdict.trip_hash,
        "content_hash": b"" if kept_as == "none" else verdict.content_hash,
        "kept_as": kept_as,
        "action_id": verdict.action_id,
        "sum_day": verdict.trip.day if kept_as == "sum" and verdict.trip else None,
        "proof_path": path,
    }


def _trip_line(verdict: Verdict, path: str | None) -> str:
    """The same row in COPY's text form; none of its values holds a sign that would need care."""
    kept_as = _KEPT_AS[verdict.result]
    content = "" if kept_as == "none" else verdict.content_hash.hex()
    day = verdict.trip.day if kept_as == "sum" and verdict.trip else _NULL
    return (
        rf"\\x{verdict.trip_hash.hex()}"
        "\t"
        rf"\\x{content}"
        f"\t{kept_as}\t{verdict.action_id or _NULL}\t{day}\t{path or _NULL}"
    )
