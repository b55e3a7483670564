"""A history that can't be understood is refused with its line and column, and nothing is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.rewards.rules_world import condition, rules
from tests.unit.rewards.trying_world import CSV, RULES, files, run

HEAD, FIRST = CSV.splitlines()[:2]
FAULTS = {
    "distance": (f"{HEAD}\n{FIRST.replace('4000', '4,5')}", "line 2", "5 cells for 4 columns"),
    "number": (f"{HEAD}\n{FIRST.replace('4000', '4 km')}", "line 2.distance_m", "whole number"),
    "negative": (f"{HEAD}\n{FIRST.replace('4000', '-1')}", "line 2.distance_m", "between 0"),
    "time": (f"{HEAD}\n{FIRST}\n{FIRST.replace('10:00:00Z', '10:00')}", "line 3.at", "time zone"),
    "empty": (f"{HEAD}\n,ana,4000,", "line 2.at", "add it"),
    "column": (f"{HEAD},distanc\n{FIRST},1", "line 1, column 'distanc'", "distance_m"),
    "bare place": (f"{HEAD},start\n{FIRST},1", "line 1, column 'start'", "start.KIND"),
    "twice": (f"{HEAD},citizen\n{FIRST},1", "line 1, column 'citizen'", "keep one"),
    "no at": ("citizen\nana", "line 1, column at", "is missing"),
    "quote": (f'{HEAD}\n"{FIRST}', "line 2", "no row of a table"),
    "no point": (f"{HEAD},start_lonlat\n{FIRST},NaN 2", "line 2.start_lonlat[0]", "between -360"),
    "before time": (
        f"{HEAD}\n0002-01-01T00:00:00+14:00,ana,1,",
        "line 2.at",
        "the calendar",
    ),
    "after time": (
        f"{HEAD}\n9998-12-31T23:00:00-12:00,ana,1,",
        "line 2.at",
        "the calendar",
    ),
    "late": (f"{HEAD}\n{FIRST}\n2031-04-08T10:00:00Z,ana,1,", "line 3.at", "sort the file"),
    "nothing": (HEAD, "history.csv", "holds no deed"),
}
AT = '"at": "2031-05-14T10:00:00Z"'
LINES = {
    "no JSON": ('{"at": "2031-05-14T10:00:00Z"}\n{"at": ', "line 2", "no JSON"),
    "list": ("[]", "line 1", "must be an object"),
    "twice": ('{"at": "2031-05-14T10:00:00Z", "at": "x"}', "line 1", "says at twice"),
    "deep": (f'{{"at": {"[" * 40}{"]" * 40}}}', "line 1", "deep"),
    "unknown": ('{"at": "2031-05-14T10:00:00Z", "x": 1}', "line 1.x", "isn't known"),
    "flag": ('{"at": "2031-05-14T10:00:00Z", "first_time": "yes"}', "line 1.first_time", "true"),
    "both": (
        '{"at": "2031-05-14T10:00:00Z", "distance_m": 1, "driver": "a", "citizen": "a"}',
        "line 1",
        "citizen",
    ),
    "huge": (f'{{{AT}, "distance_m": 1e400}}', "line 1.distance_m", "between 0"),
    "no decimal": (f'{{{AT}, "distance_m": 1e{10**18}}}', "line 1", "too long"),
    "half": (f'{{{AT}, "distance_m": 4.5}}', "line 1.distance_m", "whole number"),
    "long": (f'{{"at": "{"x" * 70_000}"}}', "line 1", "bytes long"),
}
CASES = [("history.csv", *one) for one in FAULTS.values()]
CASES += [("history.jsonl", *one) for one in LINES.values()]


@pytest.mark.parametrize(("name", "text", "place", "what"), CASES, ids=[*FAULTS, *LINES])
def test_its_place_is_told(tmp_path: Path, name: str, text: str, place: str, what: str) -> None:
    result = run(*files(tmp_path, history=text, name=name))
    assert (result.exit_code, result.stdout) == (1, "")
    assert place in result.stderr
    assert what in result.stderr


def test_other_files_too(tmp_path: Path) -> None:
    words = files(tmp_path, rules={**RULES, "limits": 3})
    assert "$.limits must be a list" in run(*words).stderr
    words = files(tmp_path, rules={"version": 1, "rates": 3})
    assert "rules.json: $.caps: isn't as version 1 has it: missing" in run(*words).stderr
    calendar = condition({"in_calendar": {"calendar": "strikes", "time_zone": "UTC"}})
    outside = {"calendars": ["strikes"]}
    words = files(tmp_path, rules=rules(conditions=[calendar], outside=outside))
    assert "calendar strikes: the rules name it" in run(*words).stderr
    (tmp_path / "outside.json").write_text('{"calendars": {"strikes": ["2031-05-32"]}}')
    result = run(*words, "--outside", str(tmp_path / "outside.json"))
    assert "$.calendars.strikes[0]: is no day" in result.stderr
    (tmp_path / "outside.json").write_text('{"calendars": {"strikes": ["2031-05-14"]}}')
    result = run(*words, "--outside", str(tmp_path / "outside.json"))
    assert result.exit_code == 0
    assert "2.00 tokens" in result.stdout
    assert "NAME=VALUE" in run(*files(tmp_path), "--assume", "proof_level").stderr
