"""A million journeys tried by `civis programme simulate`: in the memory that a tenth of them takes.

As many people and as many journeys a day in both, so only the length of the history differs. What
it says they cost is compared with the function written by hand.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.rewards.language.action import Action
from load.campaign import RULES, by_hand, history
from load.result import Result, at_most, beside

JOURNEYS, PART = 1_000_000, 10
DRIVERS, EVERY = 2_000, 90  # people; seconds between two journeys, at most
MORE = 1.1  # times the memory of the short history, at most
COLUMNS = ("at", "citizen", "other", "distance_m", "seats", "partner", "proof_class",
           "start.country", "start.com", "end.country", "end.com")  # fmt: skip
# Runs `civis` and leaves what the kernel knows of it. The usage that a parent is told of a child
# begins with the parent's own memory.
COMMAND = """
import atexit, pathlib, sys
from app.cli import main
left = pathlib.Path(sys.argv.pop(1))
atexit.register(lambda: left.write_text(pathlib.Path("/proc/self/status").read_text()))
main()
"""


@dataclass(frozen=True)
class Tried:
    mib: float
    seconds: float


def measure() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        few = _tried(Path(folder), JOURNEYS // PART)
        many = _tried(Path(folder), JOURNEYS)
    name = f"{JOURNEYS:,} journeys simulated"
    yield at_most(f"{name}, memory beside {JOURNEYS // PART:,}", many.mib, few.mib, "MiB", MORE)
    yield beside(f"{name}, file and all", JOURNEYS / many.seconds, "journeys/s")


def _tried(folder: Path, journeys: int) -> Tried:
    """In a process of its own. Raises RuntimeError where it comes to another sum."""
    rules, trips = folder / "rules.json", folder / "history.csv"
    rules.write_text(json.dumps(RULES), "utf-8")
    cents = _written(trips, journeys)
    status = folder / "status.txt"
    command = [sys.executable, "-c", COMMAND, str(status), "programme", "simulate", str(rules)]
    began = time.monotonic()
    asked = [*command, "--history", str(trips), "--json"]
    done = subprocess.run(asked, check=False, capture_output=True, text=True)
    seconds = time.monotonic() - began
    found = json.loads(done.stdout)["results"][0] if done.returncode == 0 else {}
    if (found.get("actions"), found.get("cost_cents")) != (journeys, cents):
        raise RuntimeError(f"{journeys} journeys: {done.returncode}, {cents} cents by hand")
    return Tried(_peak(status), seconds)


def _peak(status: Path) -> float:
    """MiB."""
    lines = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


def _written(path: Path, journeys: int) -> int:
    """The history's file, and what it costs by hand."""
    counters: dict[tuple[str, str, int], int] = {}
    cents = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for trip in history(journeys, drivers=DRIVERS, every=EVERY):
            rows.writerow(_row(trip))
            cents += by_hand(trip, counters)[1]
    return cents


def _row(trip: Action) -> list[object]:
    said = [getattr(trip, name) for name in COLUMNS[1:7]]
    places = [
        place.get(kind, "") for place in (trip.start, trip.end) for kind in ("country", "com")
    ]
    return [trip.at.isoformat(), *said, *places]
