"""What is to become of each row of a chunk: decided first, written afterwards.

A trip seen before with the same content stays; with another content it is a correction, taken
while its action is not batched. Rows of one chunk are decided in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.imports.checks import Trip, check_row
from app.actions.imports.frame import Frame, Hashes, Look, Verdict
from app.actions.imports.links import riders
from app.actions.imports.rows import Row
from app.actions.models import Action, ActionState, ImportResult
from app.bulk import bytes_array

OPEN = (ActionState.RECORDED, ActionState.AUTHENTICATED)
ENDED = (ActionState.REFUSED, ActionState.EXPIRED, ActionState.WITHDRAWN)

# One array parameter, so that the statement is the same whatever the chunk's size.
_KNOWN = text(
    "select trip_hash, content_hash, kept_as, action_id from imported_trip"
    " where organisation_id = :partner and trip_hash = any(cast(:hashes as bytea[]))"
)


def look(by: Look, rows: Iterable[tuple[int, Row | None]]) -> list[Verdict]:
    """A verdict for each (number, values) as far as the rows alone can tell."""
    seen = dict[bytes, bytes]()
    return [_first_look(by, seen, number, values) for number, values in rows]


def judge(session: Session, frame: Frame, hashes: Hashes, verdicts: Sequence[Verdict]) -> None:
    """Decides what a first look left open; reads, never writes."""
    pending = [v for v in verdicts if v.result == "pending"]
    _compare(session, frame, pending)
    _assign(session, frame, hashes, [v for v in pending if v.result == "pending"])


def _first_look(by: Look, seen: dict[bytes, bytes], number: int, values: Row | None) -> Verdict:
    trip = check_row(values, by.options, by.now)
    if isinstance(trip, str):
        return Verdict(number, "refused", trip)
    trip_hash, content = by.hashes.trip(trip.trip_id), by.hashes.content(values)
    before = seen.setdefault(trip_hash, content)
    if before is not content:
        if before == content:
            return Verdict(number, "unchanged")
        return Verdict(number, "conflict", "trip-twice-in-file")
    return Verdict(number, "pending", None, trip, trip_hash, content)


def _compare(session: Session, frame: Frame, pending: list[Verdict]) -> None:
    """Against what was brought before by this partner."""
    known = _known(session, frame.organisation_id, [v.trip_hash for v in pending])
    states = _states(session, [one.action_id for one in known.values() if one.action_id])
    for verdict in pending:
        before = known.get(verdict.trip_hash)
        if before is None:
            continue
        verdict.known = True
        if before.kept_as == "none":  # its rider was unknown; perhaps no longer
            continue
        if before.content_hash == verdict.content_hash:
            verdict.result, verdict.action_id = "unchanged", before.action_id
        elif before.kept_as == "sum":
            verdict.result, verdict.reason = "conflict", "already-summed"
        elif before.action_id is not None and states.get(before.action_id) in OPEN:
            verdict.replaces, verdict.before = before.action_id, states[before.action_id]
        else:
            verdict.result, verdict.reason = "conflict", "already-final"
    _refuse_second_words(session, frame, [v for v in pending if v.replaces])


def _refuse_second_words(session: Session, frame: Frame, corrections: list[Verdict]) -> None:
    """A file does not correct itself, however far apart the two rows are."""
    r, ids = ImportResult, [v.replaces for v in corrections]
    if not ids:
        return
    query = select(col(r.action_id)).where(col(r.job_id) == frame.job_id, col(r.action_id).in_(ids))
    earlier = set(session.scalars(query))
    for verdict in corrections:
        if verdict.replaces in earlier:
            verdict.result, verdict.reason = "conflict", "trip-twice-in-file"
            verdict.replaces = verdict.before = None


class _Before(NamedTuple):
    """What is known of a trip brought before."""

    trip_hash: bytes
    content_hash: bytes
    kept_as: str
    action_id: UUID | None


def _known(session: Session, organisation_id: UUID, hashes: list[bytes]) -> dict[bytes, _Before]:
    given = {"partner": organisation_id, "hashes": bytes_array(hashes)}
    return {row.trip_hash: _Before(*row) for row in session.execute(_KNOWN, given)}


def _states(session: Session, ids: list[UUID]) -> dict[UUID, ActionState]:
    """Locked in one order, so that batching or a refusal can't pass in between."""
    if not ids:
        return {}
    query = (
        select(col(Action.id), col(Action.state))
        .where(col(Action.id).in_(ids))
        .order_by(col(Action.id))
        .with_for_update()
    )
    return {row.id: row.state for row in session.execute(query)}


def _assign(session: Session, frame: Frame, hashes: Hashes, pending: list[Verdict]) -> None:
    """To a linked rider, to nobody known, or to the daily sums."""
    people = _people(session, frame, hashes, [v.trip for v in pending if v.trip])
    for verdict in pending:
        if verdict.trip is None:
            continue
        if not verdict.trip.rider_ref:
            verdict.result = "conflict" if verdict.replaces else "summed"
            verdict.reason = "other-rider" if verdict.replaces else None
            continue
        verdict.person_id = people.get(verdict.trip.rider_ref)
        verdict.other_id = people.get(verdict.trip.told.get("other", ""))
        verdict.told = hashes.told(verdict.trip.told, frame.terms.programme_id)
        if verdict.person_id is None:
            _unlinked(verdict)
        elif verdict.person_id == verdict.other_id:  # one person, by two of the partner's names
            verdict.result, verdict.reason = "refused", "other-rider-wrong"
        else:
            _check_kept(frame, verdict, verdict.trip)
    _check_overlaps(session, frame, [v for v in pending if v.result == "pending"])
    for verdict in pending:
        if verdict.result == "pending":
            verdict.result = "replaced" if verdict.replaces else "accepted"


def _people(
    session: Session, frame: Frame, hashes: Hashes, trips: Sequence[Trip]
) -> dict[str, UUID]:
    """Whose the partner's names are, of riders and of those who shared a car with them."""
    refs = {ref for one in trips for ref in (one.rider_ref, one.told.get("other")) if ref}
    by_hash = {hashes.rider(ref): ref for ref in refs}
    found = riders(session, frame.organisation_id, list(by_hash))
    return {by_hash[digest]: person_id for digest, person_id in found.items()}


def _unlinked(verdict: Verdict) -> None:
    if verdict.replaces:
        verdict.result, verdict.reason = "conflict", "other-rider"
    else:
        verdict.result = "unlinked"


def _check_kept(frame: Frame, verdict: Verdict, trip: Trip) -> None:
    """Only what could be rewarded has an age and a season."""
    if trip.started_at < frame.now - timedelta(days=frame.terms.max_age_days):
        verdict.result, verdict.reason = "refused", "trip-too-old"
    elif not frame.terms.first_day <= frame.day_of(trip) <= frame.terms.last_day_to_earn:
        verdict.result, verdict.reason = "refused", "trip-outside-programme"
    elif trip.distance_m > frame.action_type.quantity_max:
        verdict.result, verdict.reason = "refused", "distance-too-long"


Span = tuple[datetime, datetime]


def _check_overlaps(session: Session, frame: Frame, kept: list[Verdict]) -> None:
    """One person is on one trip at a time, whichever partner or channel brought it."""
    taken = _spans(session, frame, kept)
    for verdict in kept:
        if verdict.trip is None or verdict.person_id is None:
            continue
        start, end = verdict.trip.started_at, verdict.trip.ended_at
        others = taken.setdefault(verdict.person_id, {})
        own = verdict.replaces or verdict.trip_hash
        spans = [span for key, span in others.items() if key != own]
        if any(_meets(start, end, span) for span in spans):
            verdict.result, verdict.reason = "refused", "trip-overlaps"
        else:
            others[own] = (start, end)


def _meets(start: datetime, end: datetime, span: Span) -> bool:
    """Whether two trips share time, or the minute in which they began (one deed a minute)."""
    same_minute = _minute(start) == _minute(span[0])
    return same_minute or (start < span[1] and span[0] < end)


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _spans(
    session: Session, frame: Frame, kept: list[Verdict]
) -> dict[UUID, dict[UUID | bytes, Span]]:
    """Live trips of these people around the chunk's days; a trip lasts less than a day."""
    trips = [v.trip for v in kept if v.trip is not None]
    if not trips:
        return {}
    a = Action
    until = func.coalesce(col(a.deed_until), col(a.deed_at))
    query = select(col(a.person_id), col(a.id), col(a.deed_at), until).where(
        col(a.person_id).in_({v.person_id for v in kept}),
        col(a.deed_at) < max(trip.ended_at for trip in trips),
        col(a.deed_at) > min(trip.started_at for trip in trips) - timedelta(days=1),
        col(a.deed_until).is_not(None) | (col(a.action_type_id) == frame.action_type.id),
        col(a.state).not_in(ENDED),
    )
    spans: dict[UUID, dict[UUID | bytes, Span]] = {}
    for person_id, action_id, start, end in session.execute(query):
        spans.setdefault(person_id, {})[action_id] = (start, end)
    return spans
