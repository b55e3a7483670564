"""What a rule set must look like: every fault has its path, its code and its remedy."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from app.rewards.language import cautions, faults
from app.rewards.language.faults import Fault, InvalidRulesError
from app.rewards.language.form import KEYWORDS, form_faults, schema
from app.rewards.language.loading import load
from tests.unit.rewards.rules_world import KNOWN, TARIFF, condition, limit, rules

NOTHING = object()
BIKE = {"action_type": {"in": ["bike-trip"]}}
FULL = rules(
    outside={"calendars": ["holidays"], "zones": ["area"], "numbers": ["budget"]},
    zones={
        "town": {"codes": {"com": ["1", {"code": "2", "from": "2030-01-01", "to": "2031-12-31"}]}},
        "park": {"polygon": [[["0", "0"], ["1.5", 0], [1, "1"]]]},
    },
    conditions=[
        condition({"all": [BIKE, {"not": {"in_calendar": {"calendar": "holidays"}}}]}),
        condition({"distance_m": {"at_least": 2000}}, unknown="ask") | {"id": "two", "order": 2},
    ],
    tariffs=[
        {
            **TARIFF,
            "when": {"in_zone": {"zone": "town", "end": "both", "unknown": "fail"}},
            "steps": [
                {
                    "from": 2000,
                    "below": 9000,
                    "seat_cents": "12.50",
                    "per": {"of": "distance_m", "cents": "0.10", "size": 1000, "offset": 2000},
                }
            ],
        }
    ],
    adjustments=[{"id": "most", "order": 1, "at_most": {"cents": 300}}],
    limits=[
        limit("all", 1, per="programme", period="always", most={"number": "budget"}),
        limit("less", 2, per="programme", period="always", most=9, counter="all"),
    ],
)
FAULTS: list[tuple[str, Any, str, str | None]] = [
    ("$", [], "wrong_type", None),
    ("$.version", 1, "not_one_of", None),
    ("$.version", 2.0, "not_one_of", None),
    ("$.limits", NOTHING, "missing", None),
    ("$.rounding", "nearest", "not_one_of", None),
    ("$.time_zone", "Europe/Nowhere", "wrong_form", None),
    ("$.colour", "red", "unknown", None),
    ("$.conditions[0].order", NOTHING, "missing", None),
    ("$.conditions[0].order", True, "wrong_type", None),
    ("$.conditions[0].order", 1.0, "wrong_type", None),
    ("$.conditions[0].order", -1, "out_of_range", None),
    ("$.conditions[1].order", 1, "twice", None),
    ("$.limits[0].order", NOTHING, "missing", None),
    ("$.conditions[1].id", "one", "twice", None),
    ("$.limits[0].id", "base", "twice", None),
    ("$.limits[0].id", "budget", "twice", None),
    ("$.conditions[0].id", "two words", "wrong_form", None),
    ("$.conditions[0].require", NOTHING, "either_or", "$.conditions[0]"),
    ("$.conditions[0].require", {}, "either_or", None),
    ("$.conditions[0].require", {**BIKE, "weekday": {"in": [1]}}, "either_or", None),
    ("$.conditions[0].require.all[0]", {"kind": {}}, "unknown",
     "$.conditions[0].require.all[0].kind"),
    ("$.conditions[0].require.all[0].action_type.in[0]", "flight", "not_one_of", None),
    ("$.conditions[0].require.all[0].action_type.in", [], "wrong_count", None),
    ("$.conditions[0].require.all[0]", {"proof_level": {"in": ["declared"]}}, "not_one_of",
     "$.conditions[0].require.all[0].proof_level.in[0]"),
    ("$.conditions[0].require.all[1].not.in_calendar.calendar", "strikes", "not_declared", None),
    ("$.conditions[1].unknown", NOTHING, "missing", None),
    ("$.conditions[1].unknown", "maybe", "not_one_of", None),
    ("$.conditions[1].require.distance_m.at_least", "2000", "wrong_type", None),
    ("$.conditions[1].require.distance_m", {}, "wrong_count", None),
    ("$.conditions[1].require", {"instant": {"from": "2031-13-01T00:00:00Z"}}, "wrong_form",
     "$.conditions[1].require.instant.from"),
    ("$.conditions[1].require", {"instant": {"from": "2031-02-30T00:00:00Z"}}, "no_date",
     "$.conditions[1].require.instant.from"),
    ("$.conditions[1].require", {"day": {"from": "2031-02-02", "to": "2031-02-01"}}, "out_of_order",
     "$.conditions[1].require.day.to"),
    ("$.conditions[1].require", {"hours": {"from": "7:30", "before": "24:00"}}, "wrong_form",
     "$.conditions[1].require.hours.from"),
    ("$.conditions[1].require", {"weekday": {"in": [8]}}, "out_of_range",
     "$.conditions[1].require.weekday.in[0]"),
    ("$.tariffs[0].when.in_zone.zone", "village", "not_declared", "$.tariffs[0].when.in_zone"),
    ("$.tariffs[0].when.in_zone.end", "middle", "not_one_of", None),
    ("$.tariffs[0].steps", [], "wrong_count", None),
    ("$.tariffs[0].steps[0].seat_cents", 12.5, "wrong_type", None),
    ("$.tariffs[0].steps[0].seat_cents", "12,5", "wrong_form", None),
    ("$.tariffs[0].steps[0].seat_cents", "-1", "negative", None),
    ("$.tariffs[0].steps[0].per.size", 0, "out_of_range", None),
    ("$.tariffs[0].steps[0].per.limit", 1999, "out_of_order", None),
    ("$.tariffs[0].steps[0].km_cents", 1, "unknown", None),
    ("$.adjustments[0].times", 2, "either_or", "$.adjustments[0]"),
    ("$.adjustments[0].at_most", {"cents": 1, "field": "revenue_cents"}, "either_or", None),
    ("$.adjustments[0].at_most", {"unknown_cents": 1}, "either_or", None),
    ("$.adjustments[0].at_most", {"field": "tips"}, "not_one_of", "$.adjustments[0].at_most.field"),
    ("$.limits[0].per", "street", "not_one_of", None),
    ("$.limits[0].most.number", "purse", "not_declared", None),
    ("$.limits[0].most", True, "wrong_type", None),
    ("$.limits[0].at_limit", "stop", "not_one_of", None),
    ("$.limits[0].counts", "actions", "not_for", "$.limits[0].at_limit"),
    ("$.limits[1].period", "week", "not_shared", "$.limits[1].counter"),
    ("$.limits[1].time_zone", "UTC", "not_shared", "$.limits[1].counter"),
    ("$.limits_order", "in_turn", "not_shared", "$.limits[1].counter"),
    ("$.limits[0].time_zone", NOTHING, "missing", None),
    ("$.limits[0].time_zone", "../etc/passwd", "wrong_form", None),
    ("$.zones.park.polygon[0][0][0]", 0.5, "wrong_type", None),
    ("$.zones.park.polygon[0]", [["0", "0"]], "wrong_count", None),
    ("$.zones.town.codes.com[1].to", "2029-12-31", "out_of_order", None),
    ("$.zones.town.codes.com[1].code", NOTHING, "missing", None),
    ("$.outside.zones[0]", "town", "twice", "$.zones.town"),
    ("$.conditions[0].id", "\ud800", "wrong_form", None),
]  # fmt: skip


def broken(path: str, value: Any) -> Any:
    """FULL with one place changed, added or taken out."""
    found: Any = copy.deepcopy(FULL)
    names = path.replace("[", ".[").split(".")[1:]
    if not names:
        return value
    at = found
    for name in names[:-1]:
        at = at[int(name[1:-1])] if name.startswith("[") else at[name]
    last = int(names[-1][1:-1]) if names[-1].startswith("[") else names[-1]
    if value is NOTHING:
        del at[last]
    else:
        at[last] = value
    return found


def faults_of(data: object) -> list[Fault]:
    try:
        load(data, KNOWN)
    except InvalidRulesError as error:
        return error.faults
    return []


@pytest.mark.parametrize(("path", "value", "code", "told"), FAULTS)
def test_a_fault_has_its_path_and_its_remedy(
    path: str, value: Any, code: str, told: str | None
) -> None:
    found = faults_of(broken(path, value))
    assert (told or path, code) in {(fault.path, fault.code) for fault in found}
    for language in ("en", "fr"):
        assert all(fault.sentence(language).startswith("$") for fault in found)


def test_nothing_is_wrong_with_the_good_ones() -> None:
    assert faults_of(FULL) == []
    assert faults_of(rules()) == []


def test_the_schema_alone_says_the_same() -> None:
    """Another reader of JSON Schema agrees on what fits; save that 2.0 is an integer to it."""
    jsonschema.Draft202012Validator.check_schema(schema())
    reader = jsonschema.Draft202012Validator(schema())
    for path, value, _, _ in FAULTS:
        data = broken(path, value)
        if not isinstance(value, float) or value % 1:
            assert bool(form_faults(data)) == (not reader.is_valid(data)), path
    assert reader.is_valid(FULL)


def test_the_reader_knows_every_keyword_of_the_schema() -> None:
    def keywords(said: Any) -> set[str]:
        found = {word for word in said if word.startswith("$") or word in KEYWORDS}
        assert set(said) <= KEYWORDS, set(said) - KEYWORDS
        parts = [*said.get("properties", {}).values(), *said.get("$defs", {}).values()]
        others = [said.get(word) for word in ("items", "additionalProperties", "propertyNames")]
        for part in [*parts, *(one for one in others if isinstance(one, dict))]:
            found |= keywords(part)
        return found

    assert keywords(schema()) == KEYWORDS


def test_every_code_that_is_told_has_words() -> None:
    elsewhere = {"too_deep", "not_json", "not_kept", "wrong_length", "not_closed", "no_area"}
    used = {code for _, _, code, _ in FAULTS} | elsewhere
    assert used == set(faults.SENTENCES["en"]) == set(faults.SENTENCES["fr"])
    assert set(cautions.SENTENCES["en"]) == set(cautions.SENTENCES["fr"])


def test_predicates_in_each_other_have_an_end() -> None:
    predicate: dict[str, Any] = BIKE
    for _ in range(31):
        predicate = {"not": predicate}
    assert faults_of(rules(conditions=[condition(predicate)])) == []
    deep = rules(conditions=[condition({"all": [{"not": predicate}]})])
    assert [fault.code for fault in faults_of(deep)] == ["too_deep"]


def test_the_canonical_form_is_one_for_what_means_the_same() -> None:
    other = copy.deepcopy(FULL)
    other["conditions"].reverse()
    other["tariffs"][0]["steps"][0]["seat_cents"] = "12.5"
    other["adjustments"][0]["at_most"]["cents"] = "300.00"
    other = dict(reversed(other.items()))
    one, two = load(FULL, KNOWN), load(other, KNOWN)
    assert one.hash == two.hash
    assert len(one.hash) == 32
    assert load(one.data, KNOWN).data == one.data
    assert one.data["tariffs"][0]["steps"][0]["per"]["cents"] == "0.1"
    assert one.data["adjustments"][0]["at_most"]["cents"] == 300
    other["limits"][0]["most"] = 5
    assert load(other, KNOWN).hash != one.hash
    assert json.loads(json.dumps(one.data)) == one.data


def test_fractions_are_no_numbers_of_ours() -> None:
    for value in (0.1, 1e300, float("nan"), Decimal("1.5")):
        assert faults_of(broken("$.tariffs[0].steps[0].seat_cents", value)) != []
