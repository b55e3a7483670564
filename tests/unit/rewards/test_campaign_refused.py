"""Facts that can't be understood are refused where they stand; the commands never stumble."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.rewards.campaigns.checking import check
from app.rewards.campaigns.converting import convert
from app.rewards.campaigns.faults import CampaignError
from app.rewards.command import command
from tests.unit.rewards.campaign_world import campaign

GOOD: dict[str, Any] = {
    **campaign(
        operators=[{"from": "2031-01-01T00:00:00Z", "operators": ["one"]}],
        requirements=[{"require": {"class": ["C"]}}],
        limits=[{"per": "driver", "period": "day", "max_trips": 1}],
        zones={"towns": ["c1"]},
        shapes={"square": [[0, 0], [1, 0], [1, 1]]},
    ),
    "cases": [{"name": "one", "journeys": [{}], "expected_cents": [100]}],
}
RULES = "$.rules"
REQUIRE = f"{RULES}.requirements[0].require"
CASE = "$.cases[0]"
NOTHING = object()
# Where it is broken, with what, and where the fault is told (the same place, unless said).
FAULTS: list[tuple[str, Any, str | None]] = [
    ("$.rule", {}, None),
    ("$.rules", NOTHING, None),
    ("$.rules", [], None),
    (f"{RULES}.limit", [], None),
    (f"{RULES}.amount", NOTHING, None),
    (f"{RULES}.tz", "Europe/Nowhere", None),
    (f"{RULES}.operators[0].frm", "2031-01-01T00:00:00Z", None),
    (f"{RULES}.operators[0].from", "2031-01-01", None),
    (f"{RULES}.operators[0].from", "2031-01-01T00:00:00", None),
    (f"{RULES}.operators[0].operators", [1.5], f"{RULES}.operators[0].operators[0]"),
    (f"{RULES}.requirements", {}, None),
    (f"{RULES}.requirements[0].requires", {}, None),
    (f"{RULES}.requirements[0]", {}, None),
    (f"{RULES}.requirements[0].when", {"weekdays": [1]}, f"{RULES}.requirements[0].when.weekdays"),
    (REQUIRE, {}, None),
    (REQUIRE, {"all": {}}, f"{REQUIRE}.all"),
    (REQUIRE, {"any": [{"not": {"x": 1}}]}, f"{REQUIRE}.any[0].not.x"),
    (REQUIRE, {"distance_m": {"max": 3}}, f"{REQUIRE}.distance_m.max"),
    (REQUIRE, {"distance_m": {"min": True}}, f"{REQUIRE}.distance_m.min"),
    (REQUIRE, {"distance_m": {"min": "3"}}, f"{REQUIRE}.distance_m.min"),
    (REQUIRE, {"passenger_adult": True}, f"{REQUIRE}.passenger_adult"),
    (REQUIRE, {"class": [None]}, f"{REQUIRE}.class[0]"),
    (REQUIRE, {"class": ["\ud800"]}, f"{REQUIRE}.class[0]"),
    (REQUIRE, {"start_in": {"com": "villages"}}, f"{REQUIRE}.start_in.com"),
    (REQUIRE, {"start_in": "towns"}, f"{REQUIRE}.start_in"),
    (REQUIRE, {"start_in": {"com": [None]}}, f"{REQUIRE}.start_in.com[0]"),
    (REQUIRE, {"both_ends_inside": "circle"}, f"{REQUIRE}.both_ends_inside"),
    (REQUIRE, {"weekday": [0]}, f"{REQUIRE}.weekday[0]"),
    (REQUIRE, {"local_day": {"in": "holidays"}}, f"{REQUIRE}.local_day.in"),
    (REQUIRE, {"utc_day": {"from": "2031-02-30"}}, f"{REQUIRE}.utc_day.from"),
    (
        REQUIRE,
        {"utc_day": {"from": "2031-02-02", "to": "2031-02-01"}},
        f"{REQUIRE}.utc_day.to",
    ),
    (
        REQUIRE,
        {"instant": {"from": "2031-02-02T00:00:00Z", "before": "2031-02-02T00:30:00+01:00"}},
        f"{REQUIRE}.instant.before",
    ),
    (REQUIRE, {"instant": {"to": "2031-01-01T00:00:00Z"}}, f"{REQUIRE}.instant.to"),
    (f"{RULES}.shapes.square", [[0, 0], [1, 1]], None),
    (f"{RULES}.shapes.square[1]", [0, 0, 0], None),
    (f"{RULES}.shapes.square[1]", ["0", 0], f"{RULES}.shapes.square[1][0]"),
    (f"{RULES}.zones.towns", 5, None),
    (f"{RULES}.amount.tarifs", [], None),
    (f"{RULES}.amount.tariffs[0].bands", "both", None),
    (f"{RULES}.amount.tariffs[0].step", [], None),
    (f"{RULES}.amount.tariffs[0].steps[0].cents", 1, None),
    (f"{RULES}.amount.tariffs[0].steps[0].fixed_cents", "1", None),
    (f"{RULES}.amount.tariffs[0].steps[0].from_m", -1, None),
    (f"{RULES}.amount.tariffs[0].steps[0].km_rounding", "up", None),
    (f"{RULES}.amount.tariffs[0].steps[0].times_seats", 1, None),
    (f"{RULES}.amount.minus", "tips", None),
    (f"{RULES}.amount.factors", [{"when": {"all": []}}], f"{RULES}.amount.factors[0].times"),
    (f"{RULES}.limits[0].per", "car", None),
    (f"{RULES}.limits[0].period", "hour", None),
    (f"{RULES}.limits[0].max_trips", NOTHING, f"{RULES}.limits[0]"),
    (f"{RULES}.limits[0].max_trips", "budget", None),
    (f"{RULES}.limits[0].max_km", 3, None),
    ("$.defaults.settings.budget", 1, f"{CASE}.settings.budget"),
    ("$.defaults.settings.area", {"com": "villages"}, f"{CASE}.settings.area.com"),
    ("$.defaults.settings.booster_days", ["today"], f"{CASE}.settings.booster_days[0]"),
    (f"{CASE}.journey", {}, None),
    (f"{CASE}.journeys", {}, None),
    (f"{CASE}.journeys[0].colour", "red", None),
    (f"{CASE}.journeys[0].at", "yesterday", None),
    (f"{CASE}.journeys[0].at", None, None),
    (f"{CASE}.journeys[0].at", "9999-12-31T23:59:59Z", None),
    (f"{CASE}.journeys[0].distance_m", 1.5, None),
    (f"{CASE}.journeys[0].distance_m", None, None),
    (f"{CASE}.journeys[0].seats", -1, None),
    (f"{CASE}.journeys[0].passenger_adult", "yes", None),
    (f"{CASE}.journeys[0].start", [], None),
    (f"{CASE}.journeys[0].start_lonlat", [1], None),
    (f"{CASE}.journeys[0].driver", None, f"{CASE}.journeys[0]"),
    (f"{CASE}.expected_cents", [1, 2], None),
    (f"{CASE}.expected_cents", [True], f"{CASE}.expected_cents[0]"),
    (f"{CASE}.expected_cents", NOTHING, None),
    (f"{CASE}.before_limits_cents", 3, None),
    (f"{CASE}.counters_after", [{"counts": "km"}], f"{CASE}.counters_after[0].per"),
    (f"{CASE}.disputed", {"why": "so"}, f"{CASE}.disputed.rules_give_cents"),
]


def broken(path: str, value: Any) -> dict[str, Any]:
    """GOOD with one place changed, added or taken out."""
    facts: Any = copy.deepcopy(GOOD)
    found, *names = path.replace("[", ".[").split(".")
    assert found == "$"
    at = facts
    for name in names[:-1]:
        at = at[int(name[1:-1])] if name.startswith("[") else at[name]
    last = int(names[-1][1:-1]) if names[-1].startswith("[") else names[-1]
    if value is NOTHING:
        del at[last]
    else:
        at[last] = value
    return facts  # type: ignore[no-any-return]


def test_the_good_ones_pass() -> None:
    assert [one.differences for one in check(GOOD, convert(GOOD))] == [[]]


def _named(fault: tuple[str, Any, str | None]) -> str:
    """The same in every process."""
    path, value, _ = fault
    return f"{path} {'left out' if value is NOTHING else value}"


@pytest.mark.parametrize(("path", "value", "told"), FAULTS, ids=map(_named, FAULTS))
def test_a_fault_is_told_where_it_is(path: str, value: Any, told: str | None) -> None:
    facts = broken(path, value)
    with pytest.raises(CampaignError) as raised:
        list(check(facts, convert(facts)))
    assert raised.value.path == (told or path)
    assert raised.value.said("en")


def test_a_number_that_the_rules_need_is_asked_for() -> None:
    facts = broken(f"{RULES}.limits[0]", {"per": "campaign", "max_cents": "budget"})
    del facts["defaults"]["settings"]["budget_cents"]
    with pytest.raises(CampaignError, match=r"\$\.cases\[0\]\.settings\.budget_cents: is missing"):
        list(check(facts, convert(facts)))


def told(folder: Path, text: str | bytes, *arguments: str) -> Result:
    file = folder / "facts.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return CliRunner().invoke(command, [*arguments, str(file)])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no JSON"),
        ("[]", "$: must be an object, is a list"),
        ('{"rules": {"amount": NaN}}', "NaN is no number"),
        ('{"rules": {}, "rules": {}}', "says rules twice"),
        ('{"rules": ' + "[" * 100 + "]" * 100 + "}", "nested more than 64 deep"),
        ('{"rules": ' + "9" * 5000 + "}", "too long"),
        (b"\xff\xfe{}", "UTF-8"),
        (
            json.dumps(GOOD).replace("[100]", "[1e-2]"),
            "$.cases[0].expected_cents[0]: must be a whole",
        ),
        (json.dumps({**GOOD, "cases": []}), "there is no case to try"),
    ],
)
def test_the_command_says_what_is_wrong_with_a_file(tmp_path: Path, text: Any, says: str) -> None:
    result = told(tmp_path, text, "check")
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert says in result.output
    assert "Traceback" not in result.output


def test_what_the_language_would_refuse_is_told_where_the_facts_say_it(tmp_path: Path) -> None:
    deep: dict[str, Any] = {"weekday": [1]}
    for _ in range(40):
        deep = {"not": deep}
    for facts, says in (
        (broken(REQUIRE, deep), f"{REQUIRE}: is nested more than 32 deep"),
        (broken(REQUIRE, {"class": ["C" * 101]}), f"{REQUIRE}.class[0]: is longer than 100"),
    ):
        result = told(tmp_path, json.dumps(facts), "from-facts")
        assert result.exit_code == 1
        assert says in result.output
