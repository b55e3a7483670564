"""A history of a few days, reckoned by hand, and a run of the command over it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from app.rewards.command import command
from tests.unit.rewards.rules_world import condition, limit, rules

RULES = rules(
    conditions=[condition({"distance_m": {"at_least": 2000, "unknown": "fail"}})],
    limits=[
        limit("day", 1, most=150),
        {**limit("twice", 2, most=2), "period": "month", "counts": "actions", "at_limit": "refuse"},
        {**limit("all", 3, most=10**6), "per": "programme", "period": "always"},
    ],
)
# Ana: 100, 50 (the day's 150), 0 (two a month), 0 (too short); Ben: 100; nobody known: 0.
CSV = """at,citizen,distance_m,start.com
2031-05-14T10:00:00Z,ana,4000,c1
2031-05-14T11:00:00Z,ana,4000,c1
2031-05-15T10:00:00Z,ana,4000,
2031-05-16T10:00:00Z,ana,1999,
2031-05-31T22:30:00Z,ben,2000,
2031-06-02T10:00:00Z,,2000,
"""


def files(
    folder: Path, *, history: str = CSV, name: str = "history.csv", **other: Any
) -> list[str]:
    """What the command is given: a rule set, its history."""
    (folder / "rules.json").write_text(json.dumps(other.get("rules", RULES)), "utf-8")
    (folder / name).write_text(history, "utf-8")
    return [str(folder / "rules.json"), "--history", str(folder / name)]


def run(*words: str) -> Result:
    return CliRunner().invoke(command, ["simulate", *words])


def found(*words: str) -> dict[str, Any]:
    """What the command prints as JSON."""
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    data: dict[str, Any] = json.loads(result.stdout)
    return data
