"""Documents of outside data: what is refused where, GeoJSON, borders to the digit, holidays."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rewards.language.faults import SENTENCES
from app.rewards.language.zones import Zone, inside
from app.rewards.outside.documents import InvalidDocumentError, days, document, outside
from app.rewards.outside.holidays import calendars, easter
from app.web.office.outside_form import data_of, text_of

RING = [[0, 0], [0.3, 0], [0.3, 0.1], [0, 0.3], [0, 0]]
POLYGON = {"type": "Polygon", "coordinates": [RING]}


def of(kind: str, data: Any, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "name": "one", "source": "made up for a test", "licence": "CC0",
            "data": data, **more}  # fmt: skip


WRONG: list[tuple[Any, str, str]] = [
    ([], "$", "wrong_type"),
    ({**of("number", {"value": 1}), "more": 1}, "$.more", "unknown"),
    ({"kind": "number"}, "$.name", "missing"),
    (of("planet", {}), "$.kind", "not_one_of"),
    (of("number", {"value": 1}, name="a b"), "$.name", "wrong_form"),
    (of("number", {"value": 1}, source="short"), "$.source", "wrong_length"),
    (of("number", {"value": 1}, licence=3), "$.licence", "wrong_type"),
    (of("number", {"value": 1.5}), "$.data.value", "wrong_type"),
    (of("number", 1), "$.data", "wrong_type"),
    (of("calendar", {"days": []}), "$.data.days", "wrong_count"),
    (of("calendar", {"days": ["2031-5-1"]}), "$.data.days[0]", "wrong_form"),
    (of("calendar", {"days": ["2031-05-01", "2031-02-29"]}), "$.data.days[1]", "no_date"),
    (of("calendar", {"days": ["0001-01-01"]}), "$.data.days[0]", "out_of_range"),
    (of("calendar", {"days": [{"day": "9999-12-31", "fr": "x", "en": "x"}]}),
     "$.data.days[0].day", "out_of_range"),
    (of("calendar", {"days": ["2031-05-01"] * 2}), "$.data.days[1]", "twice"),
    (of("calendar", {"days": [{"day": "2031-05-01", "fr": "x"}]}), "$.data.days[0].en", "missing"),
    (of("zone", {}), "$.data", "wrong_count"),
    (of("zone", {"codes": {"com": []}}), "$.data.codes", "missing"),
    (of("zone", {"codes": {"com": [1]}}), "$.data.codes.com[0]", "wrong_type"),
    (of("zone", {"polygon": [[[0, 0], [1, 0], ["1", "91"]]]}), "$.data.polygon[0][2][1]",
     "out_of_range"),
    (of("zone", {"polygon": [[[0, 0], [1, 0], [0, 1]], [[0, 0], ["0.1", "0.2"], ["0.2", "0.4"]]]}),
     "$.data.polygon[1]", "no_area"),
    (of("zone", {"polygon": [[[1, 1]] * 3]}), "$.data.polygon[0]", "no_area"),
    (of("zone", {"type": "Point"}), "$.data.type", "not_one_of"),
    (of("zone", {"type": "Feature"}), "$.data.geometry", "wrong_form"),
    (of("zone", {**POLYGON, "coordinates": [RING[:-1]]}), "$.data.coordinates[0]", "not_closed"),
    (of("zone", {**POLYGON, "coordinates": [[[0, 0], [1, True]]]}),
     "$.data.coordinates[0][1][1]", "wrong_form"),
    (of("zone", {**POLYGON, "coordinates": [[[0, 0], [float("nan"), 1]]]}),
     "$.data.coordinates[0][1][0]", "out_of_range"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "path", "code"), WRONG)
def test_what_is_wrong_has_a_place_and_a_remedy(said: Any, path: str, code: str) -> None:
    with pytest.raises(InvalidDocumentError) as refused:
        document(said)
    assert (refused.value.fault.path, refused.value.fault.code) == (path, code)
    assert all(refused.value.fault.sentence(language) for language in SENTENCES)


def test_what_means_the_same_has_one_hash() -> None:
    rings = [[["0", "0.0"], ["0.30", 0], ["0.3", "0.1"], [0, "0.300"]]]
    drawn = document(of("zone", POLYGON))
    feature = {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [[RING]]}}
    for same in ({"polygon": rings}, {"type": "FeatureCollection", "features": [feature]}):
        assert document(of("zone", same)).hash == drawn.hash
    assert drawn.data == {"polygon": [[[0, 0], ["0.3", 0], ["0.3", "0.1"], [0, "0.3"]]]}
    assert document(of("zone", POLYGON, licence="CC BY")).hash != drawn.hash
    found = outside({("calendar", "a"): {"days": ["2031-05-01"]}, ("number", "b"): {"value": 3}})
    assert (found.calendars, found.numbers) == ({"a": [date(2031, 5, 1)]}, {"b": 3})


def test_a_point_on_a_border_is_decided_by_what_was_written() -> None:
    """The northern edge goes from (0.3, 0.1) to (0, 0.3): floats put some of it on either side."""
    zone = Zone(document(of("zone", POLYGON)).data)
    assert inside(zone.rings, (0.0, 0.1))  # west
    assert not inside(zone.rings, (0.3, 0.05))  # east
    assert inside(zone.rings, (0.15, 0.0))  # south
    for step in range(1, 300):
        x, y = Fraction(300 - step, 1000), Fraction(1, 10) + Fraction(step, 1000) * 2 / 3
        if (y * 10**9).denominator == 1:
            assert not inside(zone.rings, (float(x), float(y)))
            assert inside(zone.rings, (float(x), float(y) - 1e-12))


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_of_two_zones_that_share_a_border_just_one_holds_a_point(x: int, y: int) -> None:
    """A square of a degree, cut from corner to corner."""
    west = Zone({"polygon": [[["0", "0"], ["1", "1"], ["0", "1"]]]})
    east = Zone({"polygon": [[["0", "0"], ["1", "0"], ["1", "1"]]]})
    point = (x / 1000, y / 1000)
    whole = x < 1000 and y < 1000
    assert inside(west.rings, point) + inside(east.rings, point) == whole
    assert inside(east.rings, point) == (whole and x >= y)


def test_public_holidays_are_those_of_the_law() -> None:
    country, east = calendars(range(2026, 2028))
    assert [str(day) for day in days(country.data) if day.year == 2026] == [
        "2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25",
        "2026-07-14", "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25",
    ]  # fmt: skip
    more = set(days(east.data)) - set(days(country.data))
    assert sorted(map(str, more)) == ["2026-04-03", "2026-12-26", "2027-03-26", "2027-12-26"]
    known = {1961: (4, 2), 2000: (4, 23), 2008: (3, 23), 2038: (4, 25), 2285: (3, 22)}
    assert {year: easter(year) for year in known} == {y: date(y, *md) for y, md in known.items()}
    met = next(one for one in calendars(range(2008, 2009))[0].data["days"]
               if one["day"] == "2008-05-01")  # fmt: skip
    assert met["en"] == "Labour Day, Ascension Day"


@pytest.mark.parametrize(
    ("kind", "text", "data"),
    [
        ("number", "150", {"value": 150}),
        ("calendar", "2031-05-01\n2031-05-08 | Victoire | Victory",
         {"days": ["2031-05-01", {"day": "2031-05-08", "fr": "Victoire", "en": "Victory"}]}),
        ("zone", "com: 34172, 34057\ndistrict: Nord",
         {"codes": {"com": ["34172", "34057"], "district": ["Nord"]}}),
    ],
)  # fmt: skip
def test_lines_say_what_the_document_does(kind: str, text: str, data: Any) -> None:
    assert data_of(kind, f" {text}\n\n") == data
    assert document(of(kind, data)).data == data
    assert text_of(kind, data) == text
