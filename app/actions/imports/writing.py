"""Writing a chunk's verdicts: set by set, never row by row.

Rows that can only be new (results, trips never seen) go by COPY; sums are added in one statement.
Kept trips are handed to the `valuer` of the money first and inserted valued.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, null, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.imports.checks import Trip
from app.actions.imports.frame import Frame, Verdict
from app.actions.models import (
    Action,
    ActionLog,
    ActionState,
    Channel,
    ImportedTrip,
    PartnerDaySum,
    ProofLevel,
    Track,
)
from app.actions.timetable import undo_until
from app.db import uuid7
from app.impact.accounting import metrics_for

CREATED = ("accepted", "replaced")
_WHOLE = {"render_nulls": True}  # else each change of which values are null ends a bulk insert


@dataclass(slots=True)
class Kept:
    """A trip that becomes an action, or corrects one; the valuer fills the rest."""

    action_id: UUID
    person_id: UUID
    trip: Trip
    before: ActionState | None  # of the action that it corrects
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
    if kept:
        desk.valuer(session, frame, sorted(kept, key=lambda one: one.trip.started_at))
        _write_actions(session, frame, desk, kept)
    _write_trips(session, frame, desk, verdicts)
    _add_sums(session, frame, verdicts)
    job = str(job_id)  # text once, not a thousand times
    _copy(
        session,
        "import_result (job_id, row_number, result, reason_code, action_id)",
        [(job, v.number, v.result, v.reason, v.action_id) for v in verdicts],
    )
    return dict(Counter(v.result for v in verdicts))


def _kept(verdicts: Sequence[Verdict]) -> list[Kept]:
    kept = []
    for verdict in verdicts:
        if verdict.result in CREATED and verdict.trip and verdict.person_id:
            verdict.action_id = verdict.replaces or uuid7()
            kept.append(Kept(verdict.action_id, verdict.person_id, verdict.trip, verdict.before))
    return kept


def _write_actions(session: Session, frame: Frame, desk: Desk, kept: Sequence[Kept]) -> None:
    new = [one for one in kept if one.before is None]
    if new:
        mine = desk.addresses({one.person_id for one in new})
        fresh = [_identity(frame, one, mine) | _content(frame, desk, one) for one in new]
        session.execute(insert(Action), fresh, execution_options=_WHOLE)
    for one in kept:
        if one.before is not None:
            changed = update(Action).where(col(Action.id) == one.action_id)
            session.execute(changed.values(_content(frame, desk, one)))
    logs = [row for one in kept for row in _logs(frame, one)]
    session.execute(insert(ActionLog), logs, execution_options=_WHOLE)


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
        "deed_day": one.trip.day,
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


def _write_trips(session: Session, frame: Frame, desk: Desk, verdicts: Sequence[Verdict]) -> None:
    written = [v for v in verdicts if v.result in (*CREATED, "summed", "unlinked") and v.trip]
    created = [v.number for v in written if v.result in CREATED]
    paths = dict(zip(created, desk.paths(created), strict=True))
    rows = [_trip_row(v, paths.get(v.number)) for v in written]
    new = [row for row, v in zip(rows, written, strict=True) if not v.known]
    partner, now = str(frame.organisation_id), frame.now.isoformat()
    _copy(
        session,
        "imported_trip (organisation_id, trip_hash, content_hash, kept_as, action_id, sum_day,"
        " proof_path, first_seen_at)",
        [(partner, *row.values(), now) for row in new],
    )
    for row in (row for row, v in zip(rows, written, strict=True) if v.known):
        session.execute(
            update(ImportedTrip)
            .where(
                col(ImportedTrip.organisation_id) == frame.organisation_id,
                col(ImportedTrip.trip_hash) == row["trip_hash"],
            )
            .values(
                row | {"proof_path": json.loads(row["proof_path"]) if row["proof_path"] else null()}
            )
        )


def _trip_row(verdict: Verdict, path: Mapping[str, Any] | None) -> dict[str, Any]:
    """Of an unlinked rider's trip nothing is kept but the hash of its id."""
    kept_as = {"summed": "sum", "unlinked": "none"}.get(verdict.result, "action")
    return {
        "trip_hash": verdict.trip_hash,
        "content_hash": b"" if kept_as == "none" else verdict.content_hash,
        "kept_as": kept_as,
        "action_id": verdict.action_id,
        "sum_day": verdict.trip.day if kept_as == "sum" and verdict.trip else None,
        "proof_path": None if path is None else json.dumps(path),
    }


def _add_sums(session: Session, frame: Frame, verdicts: Sequence[Verdict]) -> None:
    sums: dict[tuple[date, str], list[int]] = {}
    for verdict in verdicts:
        if verdict.result == "summed" and (trip := verdict.trip):
            total = sums.setdefault((trip.day, trip.area), [0, 0, 0])
            total[0] += 1
            total[1] += trip.distance_m
            total[2] += trip.duration_s
    if not sums:
        return
    rows = [
        {
            "organisation_id": frame.organisation_id,
            "day": day,
            "action_type_id": frame.action_type.id,
            "area": area,
            "trips": trips,
            "distance_m": metres,
            "duration_s": seconds,
        }
        for (day, area), (trips, metres, seconds) in sorted(sums.items())
    ]
    fresh = upsert(PartnerDaySum).values(rows)
    added = {
        name: col(getattr(PartnerDaySum, name)) + fresh.excluded[name]
        for name in ("trips", "distance_m", "duration_s")
    }
    primary = ["organisation_id", "day", "action_type_id", "area"]
    session.execute(fresh.on_conflict_do_update(index_elements=primary, set_=added))


def _copy(session: Session, target: str, rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        return
    driver = session.connection().connection.driver_connection
    assert driver is not None  # noqa: S101 - an open session has a connection
    with driver.cursor() as cursor, cursor.copy(f"copy {target} from stdin") as copy:
        for row in rows:
            copy.write_row(row)
