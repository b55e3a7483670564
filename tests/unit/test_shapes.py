"""What others wrote is read as it should be, or the place and what belongs there are said."""

from __future__ import annotations

from typing import Any

import pytest

from app.reporting.audit.evidence import Event
from app.reporting.audit.node import CannotCheckError, read_json
from app.reporting.audit.published import cells_of
from app.reporting.audit.shapes import MayLack, fault

SHAPE = {"name": str, "at": (str, None), "rows": [{"cents": int}], "more": {}, "pair": [list],
         "old": MayLack(str)}  # fmt: skip
RIGHT: dict[str, Any] = {
    "name": "a", "at": None, "rows": [{"cents": 1}, {"cents": 2, "new": 3}], "more": {"x": 1.5},
    "pair": [[1]], "beyond": True,
}  # fmt: skip


def test_what_fits_is_no_fault_whatever_stands_beside_it() -> None:
    assert fault(RIGHT, SHAPE) is None
    assert fault(RIGHT | {"at": "a day", "rows": []}, SHAPE) is None
    assert fault(RIGHT | {"old": "a day"}, SHAPE) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": None}, "name must be a text"),
        ({"at": 5}, "at must be a text or null"),
        ({"rows": {"cents": 1}}, "rows must be a list"),
        ({"rows": [{"cents": 1}, 2]}, "rows[1] must be an object with cents"),
        ({"rows": [{"cents": 1}, {}]}, "rows[1].cents is missing, and must be a whole number"),
        ({"rows": [{"cents": "1"}]}, "rows[0].cents must be a whole number"),
        ({"rows": [{"cents": 1.0}]}, "rows[0].cents must be a whole number"),
        ({"rows": [{"cents": True}]}, "rows[0].cents must be a whole number"),
        ({"old": None}, "old must be a text"),
        ({"more": []}, "more must be an object"),
        ({"pair": [1]}, "pair[0] must be a list"),
    ],
)
def test_the_place_is_named_and_what_belongs_there(change: dict[str, Any], said: str) -> None:
    assert fault(RIGHT | change, SHAPE) == said


def test_all_of_it_may_be_wrong() -> None:
    assert (
        fault(5, {"format": str, "old": MayLack(str), "asked": []})
        == "it must be an object with format, asked"
    )


@pytest.mark.parametrize(
    "content",
    [b"{", b"\xff", b'{"a":' * 99_999, b'["\\ud800"]'],
    ids=["cut", "bytes", "deep", "half"],
)
def test_what_is_no_json_or_could_not_be_printed_is_said_by_name(content: bytes) -> None:
    with pytest.raises(CannotCheckError, match=r"^rules\.json must be JSON in UTF-8: "):
        read_json("rules.json", content)


@pytest.mark.parametrize(("month", "level"), [(202613, 3), (202600, 3), (13, 3), (202612, 99)])
def test_a_cell_that_can_be_no_figure_is_named_by_its_block(month: int, level: int) -> None:
    """The contract takes any month and level."""
    cell = {"month": month, "proofLevel": level}
    event = Event("CellPublished", 7, {"programmeId": b"", "cell": cell})
    said = f"block 7 published a cell of month {month} and proof level {level}"
    with pytest.raises(CannotCheckError, match=said):
        cells_of([event], 7)
