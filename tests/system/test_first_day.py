"""A city's first day as a visitor and a stranger see it, on real parts in a fresh home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.chain.client import ChainClient
from app.impact.entries import METRICS
from app.services import connect
from tests.support.processes import eventually
from tests.support.system import System, end_system, launch, wait_ready

ROOT = Path(__file__).parents[2]
SECONDS = 600


@dataclass(frozen=True)
class Day:
    code: int
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
        [sys.executable, "-m", "app.cli", "demo"],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    written = folder / "build/demo.json"
    outcome = json.loads(written.read_text("utf-8")) if written.exists() else {}
    return Day(ended.returncode, ended.stdout, outcome, folder)


def test_the_day_ends_well_and_the_audit_agrees(day: Day) -> None:
    assert day.code == 0, day.said[-3000:]
    assert day.outcome["audit"] == "ok"


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


@dataclass(frozen=True)
class Found:
    """What must be there after any number of starts."""

    actions: set[str]
    entries: set[tuple[str, int]]
    height: int
    block: bytes


def found(system: System) -> Found:
    settings = system.settings
    parts = connect(settings, name="tests")
    try:
        with parts.database.session() as session:
            actions = {str(one) for one in session.scalars(text("select id from action"))}
            rows = session.execute(text("select address, amount_cents from ledger_entry"))
            entries = {(address, cents) for address, cents in rows}
            query = text("select number, hash from chain_cursor where name = 'final'")
            height, block = session.execute(query).one()
    finally:
        parts.database.dispose()
    return Found(actions, entries, height, bytes(block))


def test_a_second_start_finds_everything_again(city: System) -> None:
    assert f"Civis is ready: {city.url}" in city.said()
    assert eventually(lambda: "citizen@demo.example" in city.said())
    before = found(city)
    end_system(city)
    assert city.process.returncode == 0
    launch(city)
    wait_ready(city)
    after = found(city)
    assert before.actions <= after.actions
    assert before.entries <= after.entries
    assert after.height >= before.height
    assert _hash_of(city, before.height) == before.block
    assert "simulated deeds" not in city.said(), "nothing is recorded a second time"


def _hash_of(system: System, number: int) -> bytes:
    settings = system.settings
    stored = json.loads(settings.deployment_file.read_text("utf-8"))
    genesis = bytes.fromhex(stored["genesis_hash"][2:])
    client = ChainClient(settings.chain_rpc_urls, chain_id=stored["chain_id"], genesis_hash=genesis)
    try:
        block = client.block(number)
    finally:
        client.close()
    assert block is not None
    return block.hash
