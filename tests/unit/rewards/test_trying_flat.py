"""What is over is forgotten: no sum changes by it, and memory stays flat."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.rewards.language.action import Action, Outside
from app.rewards.language.compiling import compile_rules
from app.rewards.language.counting import Key
from app.rewards.language.loading import Vocabulary, load
from app.rewards.trying.history import read
from app.rewards.trying.simulation import Simulation
from tests.unit.rewards.rules_world import limit, rules

RULES = rules(
    limits=[
        limit("day", 1, most=150),
        {**limit("month", 2, most=3000), "period": "month"},
        {**limit("week", 3, most=300), "period": "week", "per": "pair", "unknown_who": "pass"},
        {**limit("trip", 4, most=2), "per": "trip", "period": "always", "counts": "actions",
         "at_limit": "refuse"},
        {**limit("year", 5, most=10**6), "period": "year"},
    ]
)  # fmt: skip
FIRST = datetime(2031, 1, 1, 6, tzinfo=UTC)
A_DAY = 40


def history(days: int) -> Iterator[dict[str, Any]]:
    """Ten people, three in a car; each seventh row comes a month late."""
    for number in range(days * A_DAY):
        at = FIRST + timedelta(hours=24 * number / A_DAY)
        late = timedelta(days=30) if number % 7 == 0 and number > A_DAY * 30 else timedelta()
        yield {
            "at": (at - late).isoformat(),
            "citizen": f"person-{number % 10}",
            "other": f"person-{number % 3}",
            "trip": f"trip-{number // 3}",
            "distance_m": 4000,
        }


def written(folder: Path, days: int) -> Path:
    path = folder / f"{days}.jsonl"
    path.write_text("\n".join(map(json.dumps, history(days))))
    return path


def tried(path: Path) -> Simulation:
    found = Simulation(load(RULES, Vocabulary.anything()), Outside())
    for action in read(path, lambda _: None):
        found.add(action)
    return found


def test_forgetting_changes_no_sum(tmp_path: Path) -> None:
    found = tried(written(tmp_path, 200))
    program = compile_rules(load(RULES, Vocabulary.anything()).data)
    counters: dict[Key, int] = {}
    costs = [
        program.decide(Action(**{**row, "at": datetime.fromisoformat(row["at"])}), counters).cents
        for row in history(200)
    ]
    assert found.whole.cents == sum(costs)
    assert {rule for rule, _ in found.bites} == {"day", "month", "week", "trip"}
    assert len(found._counters) < len(counters) / 3


def test_four_times_the_days_take_no_more_memory(tmp_path: Path) -> None:
    peaks = []
    for days in (100, 400):
        path = written(tmp_path, days)
        tracemalloc.start()
        tried(path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.25
