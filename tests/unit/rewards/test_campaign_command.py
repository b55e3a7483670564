"""The commands `from-facts` and `check`: what they print, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from app.rewards.command import command
from tests.unit.rewards.test_campaign_refused import GOOD, told


def test_one_file_that_cant_be_used_stops_no_other(tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text("{", "utf-8")
    good.write_text(json.dumps(GOOD), "utf-8")
    result = CliRunner().invoke(command, ["check", str(bad), str(good)])
    assert result.exit_code == 1
    assert "bad.json: $: no JSON" in result.stderr
    assert "1 of 1 cases as expected" in result.stdout


def test_a_difference_is_shown_with_its_reasons(tmp_path: Path) -> None:
    day = {"per": "driver", "period": "day", "who": "d", "in": "2031-05-14"}
    case = {
        "name": "a pair",
        "journeys": [{}, {"distance_m": 0}],
        "expected_cents": [100, 100],
        "counters_after": [{"counts": "trips", **day, "value": 2}],
    }
    facts = {**GOOD, "cases": [case]}
    shown = told(tmp_path, json.dumps(facts), "check").output
    assert "journey 2, amount: expected 100, got 0\n             For the deed: 1.00" in shown
    assert "\n             1 of 1 deed" in shown
    assert "counter trips driver d day 2031-05-14: expected 2, got 1" in shown
    french = told(tmp_path, json.dumps(facts), "check", "--language", "fr").output
    assert "trajet 2, montant\xa0: attendu 100, obtenu 0" in french
    assert "\n             1 sur 1 geste" in french
    assert "0 cas sur 1 comme attendu, 2 trajets." in french
    (found,) = json.loads(told(tmp_path, json.dumps(facts), "check", "--json").stdout)["cases"]
    first, counter = found["differences"]
    assert (first["journey"], first["expected"], first["got"]) == (2, 100, 0)
    assert first["because"][-1].startswith("1 of 1 deed")
    assert (counter["counter"], counter["got"]) == ("trips driver d day 2031-05-14", 1)


def test_the_commands_agree(tmp_path: Path) -> None:
    """A rule set written by one is taken by the other, in place of the facts' own."""
    written, out = told(tmp_path, json.dumps(GOOD), "from-facts"), tmp_path / "rules.json"
    assert written.exit_code == 0
    assert told(tmp_path, json.dumps(GOOD), "from-facts", "--out", str(out)).exit_code == 0
    assert json.loads(written.stdout) == json.loads(out.read_text("utf-8"))
    assert "warning: $.limits no limit counts the programme's cents" in written.stderr
    on_a_line = told(tmp_path, json.dumps(GOOD), "from-facts", "--json").stdout
    assert (json.loads(on_a_line), on_a_line.count("\n")) == (json.loads(written.stdout), 1)
    kept = told(tmp_path, json.dumps(GOOD), "from-facts", "--out", str(out), "--json")
    assert json.loads(kept.stdout) == {"file": str(out)}
    tried = told(tmp_path, json.dumps(GOOD), "check", "--rules", str(out))
    assert tried.exit_code == 0
    assert "ok       cases: one (1 journey)" in tried.output
    assert "1 of 1 cases as expected" in tried.output
    rules = json.loads(written.stdout)
    rules["tariffs"][0]["steps"][0]["fixed_cents"] = 99
    out.write_text(json.dumps(rules), "utf-8")
    tried = told(tmp_path, json.dumps(GOOD), "check", "--rules", str(out))
    assert tried.exit_code == 1
    assert "differs  cases: one" in tried.output
    assert "journey 1, amount: expected 100, got 99" in tried.output
    tried = told(tmp_path, json.dumps(GOOD), "check", "--rules", str(out), "--json")
    assert json.loads(tried.output)["cases"][0]["differences"]
    out.write_text('{"version": 2}', "utf-8")
    tried = told(tmp_path, json.dumps(GOOD), "check", "--rules", str(out))
    assert tried.exit_code == 1
    assert "$.limits is missing; add it" in tried.output
    nowhere = told(tmp_path, json.dumps(GOOD), "from-facts", "--out", str(tmp_path / "no" / "r"))
    assert nowhere.exit_code == 1
    assert "No such file" in nowhere.output
