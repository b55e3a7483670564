"""Rule sets tried on a history: sums by hand, two side by side, one citizen, a paragraph."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from app.rewards.command import command
from app.rewards.language.loading import Vocabulary, load
from app.rewards.rule_sets.published import rule_set_hash
from tests.unit.rewards.rules_world import TARIFF, rules
from tests.unit.rewards.trying_world import CSV, RULES, files, found, run


def test_sums_of_a_history(tmp_path: Path) -> None:
    data = found(*files(tmp_path))
    (one,) = data["results"]
    assert (one["actions"], one["paid_actions"], one["worth_cents"], one["cost_cents"]) == (
        6, 3, 500, 250,
    )  # fmt: skip
    assert [(month["month"], month["actions"], month["cost_cents"]) for month in one["months"]] == [
        ("2031-05", 4, 150),
        ("2031-06", 2, 100),  # Ben's is of June in Paris
    ]
    bites = [(bite["rule"], bite["how"], bite["actions"]) for bite in one["rules_that_bite"]]
    assert bites == [("day", "cuts", 2), ("one", "refuses", 1), ("twice", "cuts", 1)]
    assert one["rules_that_never_bite"] == ["all"]
    assert one["rules_that_bite"][1]["words"] == "Needed: the distance is at least 2 km."
    spread = one["distribution"]
    assert [(step["most"], step["people"], step["cents"]) for step in spread["steps"]] == [
        (0, 0, 0),
        (100, 1, 100),
        (200, 1, 150),
    ]
    assert (spread["median_cents"], spread["top_tenth_percent"], one["people"]) == (100, 60, 2)


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    words = files(tmp_path)
    again = [run(*words, *more).stdout_bytes for more in ((), ("--json",), ("--summary",)) * 2]
    assert again[:3] == again[3:]
    assert run(*words, "--json").stderr.strip() == "Trying"  # the bar is for who looks at it


def test_two_rule_sets_side_by_side(tmp_path: Path) -> None:
    words = files(tmp_path)
    other = tmp_path / "other.json"
    other.write_text(json.dumps(rules(tariffs=[{**TARIFF, "steps": [{"fixed_cents": 40}]}])))
    data = found(*words, "--against", str(other))
    assert [one["cost_cents"] for one in data["results"]] == [250, 240]
    # Ana 150 -> 160, Ben 100 -> 40
    assert data["compared"] == {"cost_cents": -10, "people": {"more": 1, "less": 1, "same": 0}}
    text = run(*words, "--against", str(other), "--summary", "--language", "fr").stdout
    assert "auraient coûté 2,50 jetons, pour 3 de ces gestes" in text
    assert "auraient coûté 2,40 jetons\xa0: 0,10 jeton de moins" in text
    assert "Moins de cinq personnes" in text


def test_a_budget_runs_short_on_a_day(tmp_path: Path) -> None:
    (one,) = found(*files(tmp_path), "--budget-cents", "120")["results"]
    assert (one["cost_cents"], one["left_cents"], one["short_on"]) == (120, 0, "2031-05-14")
    (left,) = found(*files(tmp_path), "--budget-cents", "1000")["results"]
    assert (left["left_cents"], left["short_on"]) == (750, None)
    text = run(*files(tmp_path), "--budget-cents", "120", "--summary").stdout
    assert "A budget of 1.20 tokens would have run short on 14 May 2031." in text


def test_one_citizen_is_explained_and_nothing_else_changes(tmp_path: Path) -> None:
    words = files(tmp_path)
    plain, looked = found(*words)["results"][0], found(*words, "--citizen", "ana")["results"][0]
    citizen = looked.pop("citizen")
    assert looked == plain
    assert [one["cents"] for one in citizen["actions"]] == [100, 50, 0, 0]
    assert citizen["actions"][3]["lines"] == ["1.999 km is under the minimum of 2 km."]
    assert citizen["cents"] == 150
    assert "1.999 km is under the minimum of 2 km." in run(*words, "--citizen", "ana").stdout


def test_each_form_of_a_history_says_the_same(tmp_path: Path) -> None:
    rows = [
        {"at": "2031-05-14T10:00:00Z", "driver": "ana", "distance_m": 4000},
        {"at": "2031-05-14T11:00:00Z", "driver": "ana", "distance_m": 4000, "start": {"com": "c"}},
    ]
    journeys = "\n".join(map(json.dumps, rows))
    ours = journeys.replace("driver", "citizen")
    facts = {"rules": {}, "cases": [{"journeys": rows}], "defaults": {"journey": {"seats": 1}}}
    table = "at;driver;distance_m\n2031-05-14T10:00:00Z;ana;4000\n2031-05-14T11:00:00Z;ana;4000\n"
    histories = {
        "a.jsonl": journeys, "b.ndjson": ours, "c.json": json.dumps(facts), "d.csv": table,
        "e.json": json.dumps(rows[::-1]),
    }  # fmt: skip
    costs = [
        found(*files(tmp_path, history=text, name=name))["results"][0]["cost_cents"]
        for name, text in histories.items()
    ]
    assert costs == [150] * len(histories)


def test_what_is_not_said_may_be_assumed_and_the_first_time_is_reckoned(tmp_path: Path) -> None:
    first = {"id": "first", "order": 1, "require": {"first_time": {"unknown": "fail"}}}
    proof = {"id": "proof", "order": 2, "require": {"proof_level": {"in": ["attested"]}}}
    words = files(tmp_path, rules=rules(conditions=[first, proof]))
    assert found(*words)["results"][0]["cost_cents"] == 0
    (one,) = found(*words, "--assume", "proof_level=attested")["results"]
    assert one["cost_cents"] == 200
    assert CSV.count("ana") == 4


def test_the_hash_is_the_one_that_is_stored(tmp_path: Path) -> None:
    path, demo = tmp_path / "rules.json", Path("app/rewards/data/demo_rules.json")
    path.write_text(json.dumps(dict(reversed(RULES.items()))))
    stored = load(RULES, Vocabulary.anything())
    for file, digest in ((path, stored.hash), (demo, rule_set_hash(json.loads(demo.read_text())))):
        result = CliRunner().invoke(command, ["hash", str(file)])
        assert result.stdout == f"0x{digest.hex()}\n"
        told = CliRunner().invoke(command, ["hash", str(file), "--json"])
        assert json.loads(told.stdout) == {"hash": f"0x{digest.hex()}"}
    path.write_text('{"version": 2}')
    assert CliRunner().invoke(command, ["hash", str(path)]).exit_code == 1


def test_what_is_under_zero_is_set_against_later_ones(tmp_path: Path) -> None:
    """Ana: 100, then 100 less 150, then 100; Ben: 100 less 150."""
    less = {"id": "paid", "order": 1, "minus": {"field": "contribution_cents", "unknown_cents": 0}}
    head = "at,citizen,distance_m,contribution_cents\n"
    rows = [("14", "ana", ""), ("15", "ana", 150), ("16", "ana", ""), ("17", "ben", 150)]
    history = head + "".join(f"2031-05-{d}T10:00:00Z,{who},4000,{c}\n" for d, who, c in rows)
    taking = rules(negative="allowed", adjustments=[less])
    asked = files(tmp_path, history=history, rules=taking)
    data = found(*asked, "--citizen", "ana", "--budget-cents", "160")
    assert data["results"][0]["cost_cents"] == 150
    told = [one["cents"] for one in data["results"][0]["citizen"]["actions"]]
    assert told == [100, 0, 50]


def test_the_first_time_is_the_first_that_is_worth_something_for_each_rule_set(
    tmp_path: Path,
) -> None:
    """Ana's first is too short for one of the two rule sets."""
    welcome = {"fixed_cents": 400, "when": {"first_time": {"unknown": "fail"}}}
    pays = [{**TARIFF, "steps": [{"fixed_cents": 100}, welcome]}]
    far = {
        "id": "far",
        "order": 1,
        "unknown": "fail",
        "require": {"distance_m": {"at_least": 2000}},
    }
    head = "at,citizen,distance_m\n"
    history = head + "".join(
        f"2031-05-{d}T10:00:00Z,ana,{m}\n" for d, m in ((14, 1400), (15, 5000))
    )
    words = files(tmp_path, history=history, rules=rules(tariffs=pays, conditions=[far]))
    other = tmp_path / "other.json"
    other.write_text(json.dumps(rules(tariffs=pays, conditions=[])))
    data = found(*words, "--against", str(other))
    assert [one["cost_cents"] for one in data["results"]] == [500, 600]


def test_nobodys_negative_amount_gives_nothing_back_to_the_budget(tmp_path: Path) -> None:
    less = {"id": "paid", "order": 1, "minus": {"field": "contribution_cents", "unknown_cents": 0}}
    head = "at,citizen,distance_m,contribution_cents\n"
    rows = [("14", "", 150), ("15", "ana", 0), ("16", "", 20)]
    history = head + "".join(f"2031-05-{d}T10:00:00Z,{who},4000,{c}\n" for d, who, c in rows)
    taking = rules(negative="allowed", adjustments=[less], limits=[])
    data = found(*files(tmp_path, history=history, rules=taking), "--budget-cents", "160")
    assert data["results"][0]["cost_cents"] == 160
