"""Sixty seconds of citizens, clerks, tills and readers on the whole running demo city."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from load.place import ROOT, temporary_home
from load.result import Result, beside
from load.seeds import make_seeds
from load.shapes import SECONDS
from tests.support.system import System, running_system

KEPT = "locust"  # build/locust_stats.csv and its like


def measure(folder: Path) -> Iterator[Result]:
    """All requests together; `folder` keeps rates and percentiles of each path."""
    with temporary_home() as home, running_system(home, CIVIS_DEMO="small") as system:
        stats = _run(system, folder)
    for row in stats:
        if row["Name"] != "Aggregated":
            continue
        yield beside("60 s of users, all paths", float(row["Requests/s"]), "requests/s")
        for percentile in ("50%", "95%", "99%"):
            name = f"60 s of users, {percentile[:-1]}th percentile"
            yield beside(name, float(row[percentile]), "ms")
        failed, asked = float(row["Failure Count"]), float(row["Request Count"])
        yield beside("60 s of users, refused or failed", failed, "requests", asked)


def _run(system: System, folder: Path) -> list[dict[str, str]]:
    seeds = system.home / "run" / "load_seeds.json"
    make_seeds(system.settings).write(seeds)
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "locust", "-f", "load/locustfile.py", "--headless"]
    command += ["--host", f"http://127.0.0.1:{system.port}", "--csv", str(folder / KEPT)]
    command += ["--only-summary", "--exit-code-on-error", "0", "--stop-timeout", "10"]
    environ = {**system.environ(), "LOAD_SEEDS": str(seeds), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environ,
        check=False,
        timeout=4 * SECONDS,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"locust ended with {done.returncode}: {done.stderr[-2000:]}")
    with (folder / f"{KEPT}_stats.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
