"""What an officer types becomes the very rules that it was shown for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.context import Application
from app.errors import Problem
from app.rewards.language.action import Outside
from app.rewards.language.naming import Names
from app.rewards.language.taken import takes
from app.rewards.rule_sets.rule_format import PAYABLE_PROOF_LEVELS
from app.rewards.rule_sets.safe_rules import safe_rules
from app.web.rule_sets import rule_form, rule_json, rule_preview
from app.web.rule_sets.rule_ways import EXAMPLE
from tests.support.city import RULES as VERSION_1


@pytest.fixture(params=["en", "fr"])
def spoken(request: pytest.FixtureRequest, application: Application) -> Iterator[str]:
    with application.test_request_context(headers={"Accept-Language": request.param}):
        yield request.param


RULES = safe_rules("Europe/Paris")


def test_the_form_shows_the_safe_defaults(spoken: str) -> None:
    form = rule_form.typed(RULES)
    comma = {"en": ".", "fr": ","}[spoken]
    assert form["rate_glass-recycling"] == f"0{comma}05"
    assert (form["rate_bus-trip"], form["way_bus-trip"]) == (f"0{comma}20", "each")
    assert (form["cap1_level"], form["cap1_most"]) == ("contact", f"3{comma}00")
    assert rule_form.rules_of(form) == RULES
    assert rule_form.kept(RULES) == []
    assert rule_form.rules_of(rule_form.typed(VERSION_1)) == RULES


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_a_line_says_all_that_holds_for_its_kind(spoken: str) -> None:
    form = rule_form.typed(RULES) | {
        "least_bike-trip": "2", "upto_bike-trip": "12.5", "plus_bike-trip": "0.10",
        "floor_bike-trip": "0.20", "from_bike-trip": "07:00", "before_bike-trip": "09:30",
        "day1_bike-trip": "yes", "day5_bike-trip": "yes", "proof-measured_bike-trip": "yes",
        "identity_bike-trip": "contact", "rate_bus-trip": "",
    }  # fmt: skip
    made = rule_form.rules_of(form)
    tariff = next(one for one in made["tariffs"] if one["id"] == "rate-bike-trip")
    assert tariff["steps"][0]["fixed_cents"] == 10
    assert tariff["steps"][0]["per"]["limit"] == 12_500
    asked = {one["id"]: one["require"] for one in made["conditions"] if "when" in one}
    assert asked == {
        "least-bike-trip": {"distance_m": {"at_least": 2000, "unknown": "fail"}},
        "days-bike-trip": {"weekday": {"in": [1, 5]}},
        "hours-bike-trip": {"hours": {"from": "07:00", "before": "09:30"}},
        "proof-bike-trip": {"proof_level": {"in": ["measured"]}},
        "identity-bike-trip": {"identity_level": {"in": ["contact", "verified"]}},
    }
    assert made["adjustments"][0]["at_least"] == {"cents": 20}
    assert not takes(made, "bus-trip")
    assert "bus-trip" not in made["conditions"][0]["require"]["action_type"]["in"]
    assert rule_json.found(made).faults == []
    assert spoken == "en"


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_a_calendar_kept_outside_is_chosen_for_all_deeds_or_one_kind(spoken: str) -> None:
    form = rule_form.typed(RULES) | {"calendar": "off:strikes", "calendar_bus-trip": "on:fair"}
    made = rule_form.rules_of(form)
    assert made["outside"] == {"calendars": ["strikes", "fair"]} or made["outside"] == {
        "calendars": ["fair", "strikes"]
    }
    asked = {one["id"]: one for one in made["conditions"]}
    assert asked["calendar"]["exclude"] == {"in_calendar": {"calendar": "strikes"}}
    assert asked["calendar-bus-trip"]["require"] == {"in_calendar": {"calendar": "fair"}}
    assert rule_json.found(made).faults == []
    assert rule_form.kept(made) == []
    shown = rule_form.typed(made)
    assert (shown["calendar"], shown["calendar_bus-trip"]) == ("off:strikes", "on:fair")
    assert rule_form.rules_of(shown) == made
    other = rule_form.rules_of(shown | {"calendar": "on:fair", "calendar_bus-trip": ""})
    assert other["outside"] == {"calendars": ["fair"]}, "what is named no more goes"
    back = rule_form.rules_of(shown | {"calendar": "", "calendar_bus-trip": ""})
    assert back["conditions"] == RULES["conditions"]
    assert spoken == "en"


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_a_limit_has_scope_span_zone_and_order(spoken: str) -> None:
    row = {
        "most": "3", "counts": "actions", "per": "trip", "period": "week", "kind": "bus-trip",
        "zone": "Europe/Brussels", "order": "2", "at": "cut",
    }  # fmt: skip
    form = rule_form.typed(RULES)
    orders = {f"cap{n}_order": str(3 + n) for n in range(6)}
    made = rule_form.rules_of(form | orders | {f"cap9_{name}": text for name, text in row.items()})
    first = made["limits"][0]
    assert (first["order"], first["most"], first["time_zone"]) == (2, 3, "Europe/Brussels")
    assert (first["at_limit"], first["when"]) == ("refuse", {"action_type": {"in": ["bus-trip"]}})
    assert [one["id"] for one in made["limits"][1:]] == [one["id"] for one in RULES["limits"]]
    weekly = rule_form.rules_of(form | {f"cap{n}_period": "week" for n in range(3)})
    assert {one["counter"] for one in weekly["limits"][:3]} == {"citizen-week"}, "for all levels"
    assert any("citizen-day" in one for one in rule_json.found(weekly, RULES).cautions)
    assert spoken == "en"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"rate_glass-recycling": "much"}, "rate-not-understood", "rate_glass-recycling"),
        ({"rate_glass-recycling": "-1"}, "rate-not-understood", "rate_glass-recycling"),
        ({"rate_glass-recycling": "NaN"}, "rate-not-understood", "rate_glass-recycling"),
        ({"rate_glass-recycling": "9e999999"}, "rate-not-understood", "rate_glass-recycling"),
        ({"rate_glass-recycling": "0.0000000001"}, "rate-not-understood", "rate_glass-recycling"),
        ({"most_bus-trip": "1"}, "rate-not-understood", "most_bus-trip"),
        ({"least_bike-trip": "0.0001"}, "rate-not-understood", "least_bike-trip"),
        ({"from_bike-trip": "07:00"}, "hour-missing", "before_bike-trip"),
        ({"rate_bus-trip": "0.005"}, "rate-not-understood", "rate_bus-trip"),
        ({"cap1_most": "much"}, "cap-not-understood", "cap1_most"),
        ({f"proof_{one}": "" for one in PAYABLE_PROOF_LEVELS}, "proof-missing", "proof_evidenced"),
        ({"base": "{"}, "form-without-rules", None),
        ({"max_age_days": "soon"}, "age-not-understood", "max_age_days"),
    ],
)
@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_what_is_wrong_is_named(
    spoken: str, changes: dict[str, str], code: str, field: str | None
) -> None:
    with pytest.raises(Problem, match=code) as caught:
        rule_form.rules_of(rule_form.typed(RULES) | changes)
    assert caught.value.field == field
    assert caught.value.sentence(spoken).remedy


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_an_example_is_explained_line_by_line(spoken: str) -> None:
    rules, form = RULES, {**EXAMPLE, "example_quantity": "4000"}
    at, zone = datetime(2026, 11, 25, tzinfo=UTC), "Europe/Paris"
    found = rule_preview.example(rules, form, zone, at, Outside(), names=Names())
    assert (found.cents, len(found.why.rows)) == (50, 1)
    assert "at most 0.50 tokens" in found.why.rows[0].reason
    for wrong in ("0", "", "-4", "Infinity"):
        with pytest.raises(Problem, match="example-not-understood"):
            rule_preview.example(
                rules, {**form, "example_quantity": wrong}, zone, at, Outside(), names=Names()
            )
    assert spoken == "en"
