"""Each piece of `make bench` and `make deep` once, in miniature: it measures, and what it sends
is accepted.

The figures mean nothing here. Of the load run only its file is read: what its users do is tried
in test_load_users.py, and a run of theirs would wear the shared city.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.config import Settings
from app.services import Services, connect
from load import (
    bench,
    contracts,
    dashboard,
    deep,
    entering,
    exporting,
    gas,
    importing,
    indexing,
    mutants,
    opening,
    proofs,
    recording,
    rewarding,
    settling,
    simulating,
    slow,
)
from load.journeys import JOURNEYS
from load.place import ROOT, Place, city_place
from load.result import Result, table, write
from load.seeds import Seeds
from tests.support.chain_world import World, chain_world
from tests.support.long_chain import long_chain
from tests.support.postgres import Cluster
from tests.support.tiny_contracts import tiny_contracts


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with city_place() as made:
        yield made


def _checked(measured: Iterable[Result], folder: Path, lines: int) -> None:
    """As `make bench` writes and prints them."""
    results = list(measured)
    assert len(results) == lines
    assert all(one.value > 0 for one in results)
    write(results, folder / "bench.json")
    assert [one["name"] for one in json.loads((folder / "bench.json").read_text())] == [
        one.name for one in results
    ]
    assert len(table(results).splitlines()) == lines + 1


def _small(patch: pytest.MonkeyPatch, module: object, **sizes: int) -> None:
    for name, size in sizes.items():
        patch.setattr(module, name, size)


@pytest.mark.deep
def test_recording(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _small(monkeypatch, recording, ROUNDS=1, REQUESTS=8, WARM_UP=8)
    _checked(recording.measure(place), tmp_path, 2)


def test_dashboard(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _small(monkeypatch, dashboard, ROUNDS=1, REQUESTS=2, MONTHS=1)
    _checked(dashboard.measure(place), tmp_path, 3)


def test_entering(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _small(monkeypatch, entering, ROUNDS=2, WARM_UP=1)
    _checked(entering.measure(place), tmp_path, 3)


def test_opening(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _small(monkeypatch, opening, ROUNDS=1, ROWS=2)
    _checked(opening.measure(place), tmp_path, 2)


def test_exporting(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _small(monkeypatch, exporting, DEEDS=3)
    _checked(exporting.measure(place), tmp_path, 1)


@pytest.mark.deep
def test_import(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the process of its own that it is measured in."""
    _small(monkeypatch, importing, COPIES=1)
    measured = importing._in_process(place.home, 40)
    assert measured["accepted"] == 4
    assert min(measured["rate"], measured["copy_rate"], measured["mib"]) > 0


@pytest.fixture(scope="module")
def world(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A chain for the pieces that bring their own."""
    with chain_world(services, tmp_path_factory.mktemp("world")) as made:
        yield made


def test_gas(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _small(monkeypatch, gas, REPEAT=3, NEW=2, ACTIONS_EACH=1)
    _checked(gas._measure(world), tmp_path, 3)


def test_rewards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _small(monkeypatch, rewarding, TRIPS=400, EXPLAINED=40, ROUNDS=1)
    _checked(rewarding.measure(), tmp_path, 3)


@pytest.mark.deep
def test_settling(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The jobs by their timetable, on a chain that makes its blocks by the clock."""
    _small(monkeypatch, settling, ACCOUNTS=2, TURNS=1, EACH=2, TEN=1, FEW=1)
    _checked(settling._measure(world, 4), tmp_path, 6)


def test_indexing(
    postgres: Cluster, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read and decoded to the last log by both, or it raises."""
    _small(monkeypatch, indexing, BLOCKS=2, ROUNDS=2, CREDITS=2)
    with postgres.fresh() as name:
        parts = connect(replace(settings, database_urls=postgres.urls(name)), name="tests")
        try:
            _checked(indexing._measure(parts), tmp_path, 1)
        finally:
            parts.database.dispose()


def test_logs(place: Place) -> None:
    """In the process of its own whose memory is measured."""
    with long_chain(4, 3) as url:
        assert min(indexing._in_process(place.home, url, 4)) > 0


def test_users(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds.json"
    Seeds("", [], [], "", 0.0, "").write(seeds)
    command = [sys.executable, "-m", "locust", "-f", "load/locustfile.py", "--list"]
    environ = {**os.environ, "LOAD_SEEDS": str(seeds), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, check=False, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    known = {word.lower() for word in done.stdout.split()}
    assert set(JOURNEYS) <= known


def test_journeys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum is that by hand, or it raises."""
    _small(monkeypatch, simulating, JOURNEYS=400, PART=2, DRIVERS=9)
    _checked(simulating.measure(), tmp_path, 2)
    monkeypatch.setattr(simulating, "by_hand", lambda *_: (0, 1, ""))
    with pytest.raises(RuntimeError, match="200 journeys: 0, 200 cents by hand"):
        list(simulating.measure())


@pytest.mark.deep
def test_contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few runs: one suite that draws values and one that looks for broken invariants."""
    monkeypatch.setattr(contracts, "PROFILE", "default")
    monkeypatch.setattr(contracts, "ONLY", ("--match-path", "test/{ImpactToken,invariant}/*"))
    monkeypatch.setenv("FOUNDRY_FUZZ_RUNS", "2")
    monkeypatch.setenv("FOUNDRY_INVARIANT_RUNS", "1")
    monkeypatch.setenv("FOUNDRY_INVARIANT_DEPTH", "5")
    _checked(contracts.measure(), tmp_path, 3)


def test_proofs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof that failed is counted; an end without a word isn't one. Halmos itself is only
    there after `make deep`: here a script says what it would.
    """
    halmos = tmp_path / "halmos"
    monkeypatch.setattr(proofs, "HALMOS", tmp_path)
    said = {"test_results": {"suite": [{"exitcode": 0}, {"exitcode": 2}]}}
    halmos.write_text(f"#!/bin/sh\nfor path; do :; done\necho '{json.dumps(said)}' > $path\n")
    halmos.chmod(0o700)
    (one,) = proofs.measure()
    assert (one.value, one.baseline, one.holds) == (1, 2, False)
    halmos.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(RuntimeError, match="ended with 3 and proved nothing"):
        list(proofs.measure())


@pytest.mark.deep
def test_mutants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is noticed, one that isn't, one that doesn't compile; of a contract of its own."""
    source = tiny_contracts(tmp_path / "contracts")
    monkeypatch.setattr(mutants, "CONTRACTS", tmp_path / "contracts")
    monkeypatch.setattr(mutants, "PLACE", tmp_path / "mutants")
    monkeypatch.setattr(mutants, "TESTS", {"Door": ("Door",)})
    changes = [("1", "2"), ("7", "8"), ("pure", "puree")]
    starts = [source.rindex(old) for old, _ in changes]
    made = [
        {"line": 1, "start": start, "end": start + len(old), "old": old, "new": new}
        for start, (old, new) in zip(starts, changes, strict=True)
    ]
    monkeypatch.setattr(mutants, "_made", lambda names: dict.fromkeys(names, made))
    one, tried = mutants.measure()
    assert (one.value, one.baseline, one.holds) == (1, 2, False)
    assert (tried.value, tried.baseline) == (2, 3)
    door = json.loads((tmp_path / "mutants.json").read_text())["contracts"]["Door"]
    assert (door["tried"], door["killed"]) == (2, 1)
    assert [left["old"] for left in door["survivors"]] == ["7"]
    assert (tmp_path / "mutants" / "src" / "Door.sol").read_text() == source


@pytest.mark.deep
def test_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is marked, and whether it holds: here one that does, and a mark that nothing has."""
    monkeypatch.setattr(slow, "WHERE", "tests/unit/test_money.py")
    monkeypatch.setattr(slow, "MARK", "not deep")
    _checked(slow.measure(), tmp_path, 1)
    monkeypatch.setattr(slow, "MARK", "deep")
    (nothing,) = slow.measure()
    assert nothing.holds is False


def test_no_piece_is_forgotten() -> None:
    tried = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert {*bench.PIECES, *deep.PIECES} <= tried
    for whole in (bench, deep):
        with pytest.raises(SystemExit, match="There is no"):
            whole.main(["nothing"])
