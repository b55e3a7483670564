"""A season ends in a running city, by its API, its workers and its clock; its archive is checked by
commands, without a server. Last of the city's tests, since a month passes for everybody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.processes import eventually
from tests.support.short_season import CENTS, FUNDED, SLUG, ShortSeason
from tests.support.system import ROOT, System, end_system

PATIENCE = 240  # a root for each day that passed goes to the chain first, one by one


def command(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """`civis …`, as a process of its own that knows of the city only what it is told."""
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ}
    line = [sys.executable, "-m", "app.cli", *words]
    return subprocess.run(line, env=bare, capture_output=True, text=True, timeout=120, check=False)


def verdict(folder: Path, *more: str) -> dict[str, Any]:
    said = command("audit", "--archive", str(folder), "--json", *more)
    report: dict[str, Any] = json.loads(said.stdout)
    assert said.returncode == report["verdict"]
    return report


def closed(season: ShortSeason) -> None:
    """From its first day to its closing."""
    season.found()
    season.earn()
    assert eventually(lambda: season.balances() == [CENTS] * 3, PATIENCE)
    first = season.call("officer", "GET", season.at("end"))["first_last_day"]
    announced = season.call("officer", "POST", season.at("end"), {"last_day_to_spend": first})
    season.by_two(announced)
    assert eventually(lambda: season.call("auditor", "GET", season.at("end"))["not_told"] == 0)
    season.pass_days(34)
    assert eventually(lambda: season.programme.state.value == "closing")
    assert season.call("officer", "GET", season.at("end"))["hindrances"] == []
    season.by_two(season.call("officer", "POST", season.at("closing")))
    assert eventually(lambda: season.programme.state.value == "closed", PATIENCE)
    assert season.balances() == [0] * 3


@pytest.mark.deep
def test_a_season_ends_and_its_archive_needs_no_server(city: System, tmp_path: Path) -> None:
    made = city.settings.archive_folder / SLUG
    with ShortSeason(city) as season:
        closed(season)
        assert not made.exists()
        season.by_two_treasurers("returns", FUNDED)
        assert eventually(lambda: season.programme.state.value == "archived", PATIENCE)
        assert eventually(made.exists, PATIENCE), "the city's own workers write it"
    handed_out = httpx.get(f"{city.url}/figures/seasons/{SLUG}/SHA256SUMS", timeout=60)
    assert handed_out.content == (made / "SHA256SUMS").read_bytes()
    gateway = f"http://localhost:{city.settings.gateway_port}"
    assert verdict(made, "--rpc", gateway)["verdict"] == 0
    today = tmp_path / "today"
    exported = command("export", "all", "--to", str(today), "--json", **city.environ())
    assert exported.returncode == 0, exported.stderr
    named = json.loads(exported.stdout)["archive"]
    end_system(city)
    for folder in (made, today):
        report = verdict(folder)
        assert (report["verdict"], report["differences"]) == (0, [])
    assert report["trusted"]["archive"] == named
    figures = today / "figures.csv"
    figures.write_bytes(figures.read_bytes() + b" ")
    assert verdict(today)["verdict"] == 2, "what was changed afterwards is no archive"
