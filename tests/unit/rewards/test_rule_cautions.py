"""What may be published and looks like an oversight is named, with its place."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.rewards.language import cautions
from app.rewards.language.action import Outside
from app.rewards.language.loading import load
from app.rewards.rule_sets.rule_cautions import Kept, programme_cautions
from tests.support.city import RULES as FORM
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
    of_programmes = {"never_said", "counts_anew", "calendar_ends", "known_less", "nobody_asks"}
    assert {one.code for one in found} == set(cautions.SENTENCES["en"]) - of_programmes
    for one in found:
        assert one.sentence("fr") != one.sentence("en")
    safe = [limit("mine", 1, most=5), limit("all", 2, per="programme", most=100)]
    assert load(rules(limits=safe), KNOWN).cautions == []


def test_a_calendar_that_ends_before_the_programme_is_named() -> None:
    holiday = condition({"in_calendar": {"calendar": "holidays"}})
    asking = load(rules(outside={"calendars": ["holidays"]}, conditions=[holiday]), KNOWN).data
    outside = Outside(calendars={"holidays": [date(2031, 5, 8), date(2031, 5, 1)]})
    for last, paths in ((8, []), (9, ["$.outside.calendars[0]"])):
        found = programme_cautions(asking, kept=Kept(outside, date(2031, 5, last)))
        assert [one.path for one in found if one.code == "calendar_ends"] == paths


def test_a_zone_kept_outside_is_asked_of_its_shape() -> None:
    """A programme's deeds say a district and no point."""
    at_end = condition({"in_zone": {"zone": "town", "end": "end", "unknown": "fail"}})
    asking = load(rules(outside={"zones": ["town"]}, conditions=[at_end]), KNOWN).data
    for zone, count in (({"codes": {"district": ["1"]}}, 0), ({"polygon": [[]]}, 1)):
        found = programme_cautions(
            asking, kept=Kept(Outside(zones={"town": zone}), date(2031, 1, 1))
        )
        assert [one.code for one in found].count("never_said") == count


def test_of_what_deeds_can_tell_nothing_is_warned_but_points_in_polygons_are() -> None:
    square = [["2", "48"], ["3", "48"], ["3", "49"], ["2", "48"]]
    start = {"in_zone": {"zone": "town", "end": "start", "unknown": "fail"}}
    drawn = {"in_zone": {"zone": "drawn", "end": "end", "unknown": "fail"}}
    asking = rules(
        zones={"town": {"codes": {"com": ["1"]}}, "drawn": {"polygon": [square]}},
        conditions=[
            condition({"all": [start, drawn, {"seats": {"at_least": 2}}]}),
            condition({"first_time": {"unknown": "fail"}}) | {"id": "two", "order": 2},
            condition({"adult": {"who": "other", "unknown": "fail"}}) | {"id": "c3", "order": 3},
            condition({"same_zone": {"zones": ["town", "drawn"], "unknown": "fail"}})
            | {"id": "c4", "order": 4},
        ],
        adjustments=[{"id": "revenue", "order": 1, "at_least": {"field": "revenue_cents"}}],
        limits=[limit("mine", 1, most=5), limit("both", 2, per="pair", most=5)],
    )
    found = programme_cautions(load(asking, KNOWN).data)
    assert [one.path for one in found if one.code == "never_said"] == [
        "$.conditions[0].require.all[1].in_zone",
        "$.conditions[3].require.same_zone",
    ]


def test_a_counter_that_another_version_forgets_is_named() -> None:
    """By its name, whose it is, or how long it counts; a limit that goes on counting is none."""
    before = load(rules(limits=[limit("mine", 1, most=5)]), KNOWN).data
    for after, lost in (
        (limit("mine", 1, most=9), []),
        (limit("other", 1, most=5, counter="mine"), []),
        (limit("other", 1, most=5), ["mine"]),
        (limit("mine", 1, most=5, period="month"), ["mine"]),
        (limit("mine", 1, most=5, per="partner"), ["mine"]),
    ):
        found = programme_cautions(load(rules(limits=[after]), KNOWN).data, before)
        assert [one.values["other"] for one in found if one.code == "counts_anew"] == lost
    assert "counts_anew" in {one.code for one in programme_cautions(FORM, before, "Europe/Paris")}


def test_a_limit_that_asks_what_nobody_finds_out_is_named() -> None:
    """Who shared it, or which body brought it; a citizen and a trip are always known."""
    asking = {"unknown_who": "ask", "most": 5}
    for per, count in (
        *(("other", 1), ("pair", 1), ("partner", 1), ("attester", 1)),
        *(("citizen", 0), ("trip", 0), ("programme", 0)),
    ):
        found = programme_cautions(
            load(rules(limits=[limit("one", 1, per=per, **asking)]), KNOWN).data
        )
        named = [one for one in found if one.code == "nobody_asks"]
        assert [one.path for one in named] == ["$.limits[0].unknown_who"] * count
        assert len({one.sentence(language) for one in named for language in ("en", "fr")}) == (
            2 * count
        )
