"""docs/security/asvs.csv: every requirement once, and nothing named that isn't there."""

from __future__ import annotations

import ast
import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs/security/asvs.csv"
# OWASP ASVS 5.0.0, as published: requirements of a level, and by chapter of both levels together.
BY_LEVEL = {"1": 70, "2": 183}
BY_CHAPTER = {
    "V1": 27, "V2": 11, "V3": 19, "V4": 10, "V5": 9, "V6": 35, "V7": 18, "V8": 7, "V9": 7,
    "V10": 29, "V11": 14, "V12": 9, "V13": 13, "V14": 9, "V15": 13, "V16": 16, "V17": 7,
}  # fmt: skip
STATUSES = {"met", "not met", "not applicable"}
Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def named_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def missing(evidence: str) -> list[str]:
    """What of it is neither a test nor a file of this repository."""
    lost = []
    for one in evidence.split():
        path, _, name = one.partition("::")
        there = (ROOT / path).is_file()
        if not there or (name and (not name.startswith("test_") or name not in named_in(path))):
            lost.append(one)
    return lost


def test_every_requirement_of_both_levels_stands_there_once(rows: list[Row]) -> None:
    assert Counter(row["level"] for row in rows) == BY_LEVEL
    assert Counter(row["id"].partition(".")[0] for row in rows) == BY_CHAPTER
    assert [name for name, n in Counter(row["id"] for row in rows).items() if n > 1] == []


def test_every_row_says_how_it_stands_and_why(rows: list[Row]) -> None:
    for row in rows:
        assert row["status"] in STATUSES, row["id"]
        assert row["reason"].strip(), row["id"]
        assert row["evidence"] or row["status"] != "met", row["id"]
        assert not row["evidence"] or row["status"] != "not applicable", row["id"]


def test_every_test_and_place_named_exists(rows: list[Row]) -> None:
    lost = {row["id"]: missing(row["evidence"]) for row in rows}
    assert {name: names for name, names in lost.items() if names} == {}


def test_what_is_met_is_mostly_shown_by_tests(rows: list[Row]) -> None:
    met = [row for row in rows if row["status"] == "met"]
    tested = [row for row in met if "::test_" in row["evidence"]]
    assert len(tested) > 0.7 * len(met)


def test_a_test_that_went_would_be_noticed() -> None:
    here = "tests/rules/test_asvs.py"
    assert missing(f"{here} {here}::test_a_test_that_went_would_be_noticed") == []
    assert missing(f"{here}::test_gone {here}::missing app/gone.py") == [
        f"{here}::test_gone",
        f"{here}::missing",
        "app/gone.py",
    ]
