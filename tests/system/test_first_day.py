"""A city's first day as `civis demo` tells it, on real parts in a fresh home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.impact.entries import METRICS

pytestmark = pytest.mark.deep  # the tour in tests/browser walks the same day in the shared city
ROOT = Path(__file__).parents[2]
SECONDS = 600


@dataclass(frozen=True)
class Day:
    code: int
    told: str
    said: str
    outcome: dict[str, Any]
    folder: Path


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """`civis demo` with a small city: record, attest, batch, mint, pay, refund, pay out, audit."""
    folder = tmp_path_factory.mktemp("day")
    left_out = ("DATABASE_URL", "CHAIN_RPC_URLS", "CIVIS_HOME", "PORT")
    environ = {name: value for name, value in os.environ.items() if name not in left_out}
    environ |= {"CIVIS_DEMO": "small", "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    ended = subprocess.run(
        [sys.executable, "-m", "app.cli", "demo", "--json"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    written = folder / "build/demo.json"
    outcome = json.loads(written.read_text("utf-8")) if written.exists() else {}
    return Day(ended.returncode, ended.stdout, ended.stderr, outcome, folder)


def test_the_day_ends_well_and_the_audit_agrees(day: Day) -> None:
    assert day.code == 0, day.said[-3000:]
    assert day.outcome["audit"] == "ok"
    assert json.loads(day.told) == day.outcome


def test_every_figure_of_the_day_is_told(day: Day) -> None:
    actions, tokens = day.outcome["actions"], day.outcome["tokens_cents"]
    assert actions["recorded"] > 1000
    assert actions["refused"] > 0
    assert actions["settled"] > 1000
    assert actions["reversed"] == 7
    assert tokens["minted"] > tokens["paid"] > tokens["paid_out"] > tokens["refunded"] > 0
    metrics = day.outcome["metrics"]
    assert metrics.keys() == set(METRICS)
    assert metrics["distance_m"] > 0 < metrics["waste_g"]
    assert day.outcome["chain"]["transactions"] > 0
    assert day.outcome["chain"]["gas"] > 0
    assert {"deeds", "payments", "deed to tokens", "audit"} <= day.outcome["seconds"].keys()


def test_each_promise_names_the_check_just_done(day: Day) -> None:
    assert [one["promise"] for one in day.outcome["promises"]] == [f"P{n}" for n in range(1, 12)]
    for one in day.outcome["promises"]:
        assert f"{one['title']}: {one['check']}." in day.said


def test_the_stranger_caught_the_alteration(day: Day) -> None:
    assert "proves" in next(line for line in day.said.splitlines() if "altered figure" in line)


def test_nothing_is_left_behind(day: Day) -> None:
    assert not list(day.folder.glob("civis-demo-*"))
    running = [one for one in Path("/proc").glob("[0-9]*/cmdline") if _mentions(one, day.folder)]
    assert running == []


def _mentions(cmdline: Path, folder: Path) -> bool:
    try:
        return str(folder).encode() in cmdline.read_bytes()
    except OSError:
        return False
