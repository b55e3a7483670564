"""One row of a partner's file: what holds, and the code of what does not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.actions.imports.checks import Trip, check_row
from app.actions.imports.options import BadOptionsError, Options
from app.actions.imports.rows import BadFileError, Row, read_rows

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PARIS = Options.from_json({}, default_zone="Europe/Paris")
GOOD = {
    "trip_id": "t-1",
    "started_at": "2026-11-23 08:00:00",
    "ended_at": "2026-11-23 08:10:00",
    "duration_s": "600",
    "start_station": "a",
    "start_lat": "48.8500",
    "start_lon": "2.3500",
    "end_station": "b",
    "end_lat": "48.8600",
    "end_lon": "2.3600",
}


EARLIER = {"started_at": "2026-11-22 08:00:00", "ended_at": "2026-11-22 08:10:00"}


def row_of(**changes: str) -> Row | None:
    cells = {**GOOD, **changes}
    lines = [",".join(cells), ",".join(cells.values())]
    return next(read_rows(lines))


def check(changes: dict[str, str] | None = None, options: Options = PARIS) -> Trip | str:
    return check_row(row_of(**(changes or {})), options, NOW)


def test_a_trip_that_holds() -> None:
    trip = check()
    assert isinstance(trip, Trip)
    assert (trip.distance_m, trip.duration_s) == (1331, 600)
    assert trip.started_at == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert trip.day == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"trip_id": " "}, "trip-id-missing"),
        ({"trip_id": "x" * 101}, "trip-id-missing"),
        ({"trip_id": "t\x001"}, "control-character"),
        ({"rider_ref": "r\x1f1"}, "control-character"),
        ({"city": "Ly\x00on"}, "control-character"),
        ({"bike_id": "\x9b"}, "control-character"),
        ({"city": "x" * 101}, "city-too-long"),
        ({"rider_ref": "x" * 201}, "rider-ref-too-long"),
        ({"started_at": "yesterday"}, "time-unreadable"),
        ({"started_at": "0001-01-01T00:00:00+05:00"}, "time-unreadable"),
        ({"started_at": "0001-01-01T00:00:00"}, "time-unreadable"),
        ({"ended_at": "9999-12-31T23:59:59-05:00"}, "time-unreadable"),
        ({"started_at": "2026-03-29 02:30:00"}, "time-unreadable"),
        ({"ended_at": "2026-11-24 08:10:00"}, "trip-in-the-future"),
        ({"ended_at": "2026-11-23 08:00:00"}, "trip-ends-before-start"),
        ({"ended_at": "2026-11-23 07:00:00"}, "trip-ends-before-start"),
        ({"duration_s": "600000"}, "duration-disagrees"),
        ({"duration_s": "nan"}, "duration-disagrees"),
        ({"duration_s": "ten"}, "duration-unreadable"),
        ({"start_lat": "nan"}, "coordinates-out-of-range"),
        ({"start_lat": "inf"}, "coordinates-out-of-range"),
        ({"end_lon": "181"}, "coordinates-out-of-range"),
        ({"end_lon": ""}, "coordinates-unreadable"),
        ({"end_lat": "48.85", "end_lon": "2.35"}, "round-trip"),
        ({"end_station": "a"}, "round-trip"),
        ({"end_lat": "48.8501", "end_lon": "2.3501"}, "distance-too-short"),
        ({"end_lat": "48.95", "end_lon": "2.35"}, "speed-too-high"),
        ({"ended_at": "2026-11-23 09:00:00", "duration_s": "3600"}, "speed-too-low"),
    ],
)
def test_each_wrong_thing_has_its_code(changes: dict[str, str], code: str) -> None:
    assert check(changes) == code


def test_signs_that_cannot_be_printed_but_are_no_control_characters_are_fine() -> None:
    assert isinstance(check({"city": "Saint\u00a0Denis", "start_name": "Île\u00ad"}), Trip)


def test_a_row_of_another_width_is_malformed() -> None:
    lines = [",".join(GOOD), "t-1,2026"]
    assert check_row(next(read_rows(lines)), PARIS, NOW) == "row-malformed"


@pytest.mark.parametrize(
    ("start", "end", "stated", "began", "seconds"),
    [
        ("02:50", "02:10", "", "00:50", 1200),  # from the first of the two into the second
        ("02:10", "02:30", "", "00:10", 1200),
        ("01:50", "02:10", "4800", "23:50", 4800),
        ("02:50", "03:10", "1200", "01:50", 1200),
        ("02:50", "03:10", "4800", "00:50", 4800),
    ],
)
def test_a_trip_in_the_hour_that_comes_twice(
    start: str, end: str, stated: str, began: str, seconds: int
) -> None:
    """Paris, 25 October 2026: from 03:00 back to 02:00."""
    night = {"started_at": f"2026-10-25 {start}:00", "ended_at": f"2026-10-25 {end}:00"}
    far = {"end_lat": "49.0000"} if seconds > 1200 else {}
    found = check({**night, **far, "duration_s": stated})
    assert isinstance(found, Trip), found
    assert (f"{found.started_at:%H:%M}", found.duration_s) == (began, seconds)


def test_there_too_a_time_must_be_possible() -> None:
    night = {"started_at": "2026-10-25 02:50:00", "ended_at": "2026-10-25 01:10:00"}
    assert check({**night, "duration_s": ""}) == "trip-ends-before-start"
    zoned = {"started_at": "2026-10-25T02:50+02:00", "ended_at": "2026-10-25T02:10+02:00"}
    assert check({**zoned, "duration_s": ""}) == "trip-ends-before-start"
    apart = {"started_at": "2026-10-25 02:10:00", "ended_at": "2026-10-25 02:30:00"}
    assert check({**apart, "duration_s": "600"}) == "duration-disagrees"


def test_milliseconds_and_zone_by_a_columns_value() -> None:
    options = Options.from_json(
        {
            "time_zone_column": "city",
            "time_zones": {"Washington": "America/New_York"},
            "duration_in_milliseconds_for": ["Washington"],
        },
        default_zone="Europe/Paris",
    )
    trip = check({"city": "Washington", "duration_s": "600123", **EARLIER}, options)
    assert isinstance(trip, Trip)
    assert trip.started_at == datetime(2026, 11, 22, 13, tzinfo=UTC)
    assert check({"city": "Lyon", "duration_s": "600123"}, options) == "duration-disagrees"


@pytest.mark.parametrize("bad", [{"time_zone": "Mars/Base"}, {"time_zone_column": "nowhere"}])
def test_options_that_cannot_be_used(bad: dict[str, str]) -> None:
    with pytest.raises(BadOptionsError):
        Options.from_json(bad, default_zone="Europe/Paris")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "file-empty"),
        (["trip_id,colour"], "column-unknown"),
        (["trip_id,\x00"], "column-unknown"),
        (["trip_id,trip_id"], "column-twice"),
        (["trip_id,started_at"], "column-missing"),
        ([",".join(GOOD), 'a,"b'], "file-unreadable"),
    ],
)
def test_files_that_cannot_be_read(lines: list[str], code: str) -> None:
    with pytest.raises(BadFileError) as caught:
        list(read_rows(lines))
    assert caught.value.code == code
    assert caught.value.detail.isprintable()  # it is stored


def test_columns_may_stand_in_any_order() -> None:
    turned = dict(reversed(GOOD.items()))
    assert next(read_rows([",".join(turned), ",".join(turned.values())])) == row_of()
