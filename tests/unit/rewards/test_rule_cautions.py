"""What may be published and looks like an oversight is named, with its place."""

from __future__ import annotations

from typing import Any

from app.rewards.language import cautions
from app.rewards.language.loading import load
from tests.unit.rewards.rules_world import KNOWN, TARIFF, condition, limit, rules

FAR: dict[str, Any] = {"from": 90000, "per": {"of": "quantity", "cents": 1, "size": 1}}
PARTNER = {"admitted": [{"from": "2031-02-01T00:00:00Z"}, {"from": "2031-01-01T00:00:00Z"}]}
ODD = rules(
    conditions=[
        condition({"distance_m": {"below": 80000}}, unknown="fail"),
        condition({"partner": PARTNER}) | {"id": "two", "order": 2},
    ],
    tariffs=[
        {**TARIFF, "bands": "exclusive", "steps": [{"from": 5, "below": 5, "fixed_cents": 1}]},
        {**TARIFF, "id": "late", "order": 2, "steps": [FAR]},
    ],
    adjustments=[{"id": "revenue", "order": 1, "at_least": {"field": "revenue_cents"}}],
    limits=[
        limit("none", 1, per="partner", most=0),
        limit("more", 2, per="partner", most=5),
    ],
)
SEEN = {
    ("$.tariffs[0].steps[0]", "empty_step"),
    ("$.tariffs[1]", "never_reached"),
    ("$.tariffs[1].steps[0]", "beyond_reach"),
    ("$.tariffs[1].steps[0].per", "no_ceiling"),
    ("$.conditions[1].require.partner.admitted[1]", "hidden_entry"),
    ("$.limits[0]", "never_pays"),
    ("$.limits[1]", "never_bites"),
    ("$.limits", "no_budget"),
    ("$.limits", "no_citizen_limit"),
    ("$.adjustments[0].at_least", "as_reported"),
}


def test_cautions_name_what_looks_like_an_oversight() -> None:
    found = load(ODD, KNOWN).cautions
    assert {(one.path, one.code) for one in found} == SEEN
    assert {one.code for one in found} == set(cautions.SENTENCES["en"])
    for one in found:
        assert one.sentence("fr") != one.sentence("en")
    safe = [limit("mine", 1, most=5), limit("all", 2, per="programme", most=100)]
    assert load(rules(limits=safe), KNOWN).cautions == []
