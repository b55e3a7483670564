"""Factors have a day and a source, and a range only where somebody with a name gives one."""

from __future__ import annotations

import copy
import json
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.impact.catalogue import Catalogue
from app.impact.entries import Factors
from app.impact.reading import read_factors

FILE = json.loads(
    (Path(__file__).parents[2] / "app/impact/data/factors.json").read_text(encoding="utf-8")
)
KNOWN = Catalogue.load()
# Every low and high of the catalogue with who gives it: (low, high, kind, source). The sources
# that we use publish none for these values, so there is none here; who adds one names it here too.
RANGES: dict[str, tuple[int, int, str, str]] = {}


def changed(name: str, *entries: dict[str, Any]) -> Factors:
    """The file with other entries for one factor, each a change of the one that is there."""
    file = copy.deepcopy(FILE)
    (old,) = [one for one in file["factors"] if one["id"] == name]
    file["factors"] = [one for one in file["factors"] if one is not old]
    file["factors"] += [old | entry for entry in entries]
    return read_factors(file)


def two(first_ends: str, second_begins: str) -> Factors:
    first = {"valid_to": first_ends}
    second = {"version": "later", "valid_from": second_begins, "micrograms_per_unit": 100_000}
    return changed("car-alone", first, second)


CHANGED = Catalogue.load(two("2026-05-31", "2026-06-01"))


def test_every_low_and_high_has_its_source_in_this_list() -> None:
    found = {
        one.full_name: (one.low, one.high, one.range.kind, one.range.source) if one.range else None
        for one in chain(*KNOWN.factors.values())
        if one.range or one.low is not None or one.high is not None
    }
    assert found == RANGES


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"low": 1}, "go together"),
        ({"low": 1, "high": 200_000}, "go together"),
        ({"range": {"kind": "published", "source": "a table"}}, "go together"),
        ({"range": {"kind": "published", "source": ""}, "low": 1, "high": 200_000}, "source"),
        ({"range": {"kind": "guess", "source": "me"}, "low": 1, "high": 200_000}, "source"),
        ({"range": {"kind": "rule", "source": "a guide"}, "low": 1, "high": 200_000}, "rule"),
        ({"range": {"kind": "published", "source": "x"}, "low": 1, "high": 2}, "outside"),
        ({"valid_from": "2024-01-15"}, "within a month"),
        ({"valid_to": "2026-05-30"}, "within a month"),
        ({"micrograms_per_unit": 1.5}, "whole number"),
    ],
    ids=str,
)
def test_a_range_without_a_source_and_half_a_month_are_refused(
    entry: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        changed("car-alone", entry)


def test_a_range_by_a_general_rule_names_rule_and_source() -> None:
    rule = {"kind": "rule", "source": "a guide, p. 3", "rule": {"en": "half", "fr": "moitié"}}
    (found,) = changed("car-alone", {"range": rule, "low": 71_126, "high": 213_380})["car-alone"]
    assert found.range is not None
    assert (found.range.rule, found.range.source) == (rule["rule"], "a guide, p. 3")


@pytest.mark.parametrize(
    ("ends", "begins"),
    [("2026-05-31", "2026-07-01"), ("2026-06-30", "2026-06-01"), ("2026-05-31", "2026-05-01")],
)
def test_versions_leave_no_gap_and_do_not_overlap(ends: str, begins: str) -> None:
    with pytest.raises(ValueError, match="car-alone"):
        two(ends, begins)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # nothing rests on time
@given(st.dates(date(2023, 1, 1), date(2040, 1, 1)))
def test_a_deed_counts_by_the_factor_of_its_day(day: date) -> None:
    """A new version counts for new deeds only; before the first there is no figure."""
    bike = CHANGED.action_type("bike-trip")
    assert bike.co2e is not None
    gain = bike.co2e.on(day)
    if day < date(2024, 1, 1):
        assert gain is None
        return
    assert gain is not None
    assert gain.central == (142_253 if day < date(2026, 6, 1) else 100_000) - 170
    versions = [factor.version for factor in gain.factors if factor.id == "car-alone"]
    assert versions == ["impactco2@8076a489" if day < date(2026, 6, 1) else "later"]
