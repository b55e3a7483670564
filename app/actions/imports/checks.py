"""Whether a trip can have happened: pure checks of one row, in the order in which they are told.

A check returns the stable code of what is wrong. Speeds are of the straight line between the
stations over the time between the clocks; distances are metres, durations seconds, times UTC.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import product
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.actions.distance import haversine_m
from app.actions.imports.options import Options
from app.actions.imports.rows import POSITION, tells
from app.actions.imports.telling import MAX_REF, read_told
from app.actions.told import NOTHING, SHARED, Told

MIN_DISTANCE_M = 300
MIN_SPEED_KMH = 3
MAX_SPEED_KMH = 45
MAX_SPEED_BY_CAR_KMH = 130
DURATION_SLACK_S = 60  # some operators cut their times to the minute
MAX_TRIP_ID = 100
MAX_AREA = 100  # it is part of a sum's key
YEARS = range(1900, 9999)  # so that every zone can tell the day

_ID, _CITY = POSITION["trip_id"], POSITION["city"]
_START, _END, _DURATION = POSITION["started_at"], POSITION["ended_at"], POSITION["duration_s"]
_LAT1, _LON1 = POSITION["start_lat"], POSITION["start_lon"]
_LAT2, _LON2 = POSITION["end_lat"], POSITION["end_lon"]
_FROM, _TO = POSITION["start_station"], POSITION["end_station"]
_RIDER = POSITION["rider_ref"]
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Trip(NamedTuple):
    """A row that holds: what is kept of it, or added to the sums. `day` is of the file's zone,
    for the partner's sums; a deed's is its programme's."""

    trip_id: str
    rider_ref: str
    area: str
    started_at: datetime
    ended_at: datetime
    day: date
    distance_m: int
    duration_s: int
    told: Told = NOTHING


def check_row(values: Sequence[str] | None, options: Options, now: datetime) -> Trip | str:
    """The trip, or the code of the first thing wrong with it."""
    if values is None:
        return "row-malformed"
    trip_id, rider_ref, area = (values[at].strip() for at in (_ID, _RIDER, _CITY))
    wrong = _check_texts(values, trip_id, rider_ref, area)
    if wrong:
        return wrong
    zone = _zone(values, options)
    start, end = _moment(values[_START], zone), _moment(values[_END], zone)
    if start is None or end is None:
        return "time-unreadable"
    wrong = _check_times(start, end, now) or _check_duration(values, start, end, options)
    if wrong:
        other = _in_the_repeated_hour(values, zone, options, now)
        if other is None:
            return wrong
        start, end = other
    ground = _ground(values)
    if isinstance(ground, str):
        return ground
    kind, seconds = options.action_type_id, int((end - start).total_seconds())
    day = start.astimezone(zone).date()
    trip = Trip(trip_id, rider_ref, area, start, end, day, ground, seconds)
    return _check_speed(ground, seconds, by_car=kind in SHARED) or _telling(values, kind, trip)


def _telling(values: Sequence[str], kind: str, trip: Trip) -> Trip | str:
    """With what the row tells of a shared car and of its ends."""
    if not tells(values):
        return trip
    told = read_told(values, kind, trip.rider_ref)
    return told if isinstance(told, str) else trip._replace(told=told)


def _check_texts(values: Sequence[str], trip_id: str, rider_ref: str, area: str) -> str | None:
    """No column may hold a control character: the signed form of a row is joined by one."""
    joined = "".join(values)
    if not joined.isprintable() and _CONTROL.search(joined):  # the former is much faster
        return "control-character"
    if not trip_id or len(trip_id) > MAX_TRIP_ID:
        return "trip-id-missing"
    if len(rider_ref) > MAX_REF:
        return "rider-ref-too-long"
    return "city-too-long" if len(area) > MAX_AREA else None


def _zone(values: Sequence[str], options: Options) -> ZoneInfo:
    if options.zone_column is None:
        return options.zone
    return options.zones.get(values[POSITION[options.zone_column]].strip(), options.zone)


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A local or zoned time in UTC; None where unreadable or skipped by a change of clocks."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.year not in YEARS:
        return None
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    there = moment.replace(tzinfo=zone).astimezone(UTC)
    return there if there.astimezone(zone).replace(tzinfo=None) == moment else None


def _in_the_repeated_hour(
    values: Sequence[str], zone: ZoneInfo, options: Options, now: datetime
) -> tuple[datetime, datetime] | None:
    """When clocks go back, a local time comes twice, and is read as the first: what can't have been
    so may have been with one or both of them in the second."""
    starts, ends = _twice(values[_START], zone), _twice(values[_END], zone)
    for start, end in product(starts, ends):
        wrong = _check_times(start, end, now) or _check_duration(values, start, end, options)
        if not wrong:
            return start, end
    return None


def _twice(text: str, zone: ZoneInfo) -> list[datetime]:
    """The moments that a time can mean: one, or two in the hour that comes twice."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is not None:
        return [moment.astimezone(UTC)]
    return [moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]


def _check_times(start: datetime, end: datetime, now: datetime) -> str | None:
    if end > now:
        return "trip-in-the-future"
    if end <= start:
        return "trip-ends-before-start"
    return None


def _check_duration(
    values: Sequence[str], start: datetime, end: datetime, options: Options
) -> str | None:
    """A stated duration must agree with the clocks; none stated is fine."""
    text = values[_DURATION].strip()
    if not text:
        return None
    try:
        stated = float(text)
    except ValueError:
        return "duration-unreadable"
    column = options.zone_column
    if column is not None and values[POSITION[column]].strip() in options.milliseconds_for:
        stated /= 1000
    between = (end - start).total_seconds()
    return None if abs(stated - between) <= DURATION_SLACK_S else "duration-disagrees"


def _ground(values: Sequence[str]) -> int | str:
    """Metres between the stations, or what is wrong with them."""
    try:
        lat1, lon1 = float(values[_LAT1]), float(values[_LON1])
        lat2, lon2 = float(values[_LAT2]), float(values[_LON2])
    except ValueError:
        return "coordinates-unreadable"
    # written so that NaN and infinity fail too
    if not (abs(lat1) <= 90 and abs(lat2) <= 90 and abs(lon1) <= 180 and abs(lon2) <= 180):
        return "coordinates-out-of-range"
    if (lat1, lon1) == (lat2, lon2) or (values[_FROM] and values[_FROM] == values[_TO]):
        return "round-trip"
    metres = haversine_m(lat1, lon1, lat2, lon2)
    return metres if metres >= MIN_DISTANCE_M else "distance-too-short"


def _check_speed(metres: int, seconds: int, *, by_car: bool) -> str | None:
    metres_per_hour, most = metres * 3600, MAX_SPEED_BY_CAR_KMH if by_car else MAX_SPEED_KMH
    if metres_per_hour > most * 1000 * seconds:
        return "speed-too-high"
    if metres_per_hour < MIN_SPEED_KMH * 1000 * seconds:
        return "speed-too-low"
    return None
