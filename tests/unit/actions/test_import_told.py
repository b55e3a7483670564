"""What a partner's row tells of a shared car: each column's form, and what is signed."""

from __future__ import annotations

import pytest

from app.actions.imports.checks import Trip
from app.actions.imports.options import TOLD_COLUMNS, Options
from app.actions.imports.problems import ROW_REASONS
from app.actions.imports.rows import canonical
from app.actions.told import SHARED
from app.impact.catalogue import catalogue
from tests.unit.actions.test_import_checks import check, row_of

CAR = Options.from_json({"action_type": "carpool-trip"}, default_zone="Europe/Paris")
ALL = {
    "rider_ref": "d-1",
    "seats": "2",
    "contribution_cents": "150",
    "revenue_cents": "0",
    "proof_class": "C",
    "start_zones": "com=34172  epci=243400017",
    "end_zones": " com=34337",
    "other_rider_ref": "p-1",
    "shared_trip_id": "car-1",
}


def test_every_column_is_read() -> None:
    trip = check(ALL, CAR)
    assert isinstance(trip, Trip)
    assert trip.told == {
        "seats": 2,
        "contribution_cents": 150,
        "revenue_cents": 0,
        "proof_class": "C",
        "start": {"com": "34172", "epci": "243400017"},
        "end": {"com": "34337"},
        "other": "p-1",
        "trip": "car-1",
    }


def test_what_is_not_said_is_not_known() -> None:
    trip = check({**dict.fromkeys(TOLD_COLUMNS, ""), "seats": "1"}, CAR)
    assert isinstance(trip, Trip)
    assert trip.told == {"seats": 1}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seats": "0"}, "seats-wrong"),
        ({"seats": "9"}, "seats-wrong"),
        ({"seats": "1.5"}, "seats-wrong"),
        ({"seats": "²"}, "seats-wrong"),
        ({"contribution_cents": "-1"}, "contribution-wrong"),
        ({"contribution_cents": "1.50"}, "contribution-wrong"),
        ({"contribution_cents": "100001"}, "contribution-wrong"),
        ({"revenue_cents": "free"}, "revenue-wrong"),
        ({"proof_class": "a class"}, "proof-class-wrong"),
        ({"proof_class": "x" * 21}, "proof-class-wrong"),
        ({"start_zones": "34172"}, "zones-wrong"),
        ({"start_zones": "com=34172 com=34337"}, "zones-wrong"),
        ({"end_zones": "com="}, "zones-wrong"),
        ({"end_zones": " ".join(f"k{n}=1" for n in range(11))}, "zones-wrong"),
        ({"other_rider_ref": "d-1"}, "other-rider-wrong"),
        ({"other_rider_ref": "x" * 201}, "other-rider-wrong"),
        ({"shared_trip_id": "x" * 201}, "shared-trip-wrong"),
        ({"shared_trip_id": "a\x1fb"}, "control-character"),
    ],
)
def test_each_wrong_column_has_its_code_and_sentence(changes: dict[str, str], code: str) -> None:
    assert check({**ALL, **changes}, CAR) == code
    assert ROW_REASONS[code]["en"] != ROW_REASONS[code]["fr"]


@pytest.mark.parametrize("column", ["seats", "contribution_cents", "revenue_cents",
                                    "other_rider_ref", "shared_trip_id"])  # fmt: skip
def test_a_bike_is_shared_with_nobody(column: str) -> None:
    assert check({column: ALL[column]}) == "not-a-shared-trip"
    assert isinstance(check({"start_zones": "com=34172", "proof_class": "C"}), Trip)


def test_a_car_may_be_faster_than_a_bike() -> None:
    far = {"end_lat": "49.00", "end_lon": "2.35"}  # 16.7 km in ten minutes
    assert check(far) == "speed-too-high"
    assert isinstance(check(far, CAR), Trip)
    assert check({"end_lat": "49.10", "end_lon": "2.35"}, CAR) == "speed-too-high"


def test_a_row_that_tells_nothing_is_signed_as_before() -> None:
    without = row_of(rider_ref="d-1")
    told = row_of(**{**dict.fromkeys(TOLD_COLUMNS, ""), "rider_ref": "d-1"})
    assert canonical(told) == canonical(without)
    seats = row_of(**{**dict.fromkeys(TOLD_COLUMNS, ""), "rider_ref": "d-1", "seats": "2"})
    assert canonical(seats) == canonical(without) + b"\x1f2" + b"\x1f" * 7


def test_what_is_shared_is_in_the_catalogue_and_in_metres() -> None:
    assert {catalogue().action_type(kind).unit for kind in SHARED} == {"m"}
