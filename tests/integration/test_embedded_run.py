"""`civis run` as a whole: found again, repaired while it runs, and ended without a trace."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.embedded.rpc import Rpc
from app.running import Running
from tests.support.processes import alive, descendants, eventually
from tests.support.system import (
    START_SECONDS,
    System,
    end_system,
    running_system,
    start_system,
    wait_ready,
)

HTTP = httpx.Client(timeout=5)  # one: each makes a TLS context, which takes 30 ms


def state(system: System) -> tuple[int, str, str]:
    """Chain id, genesis and what is deployed."""
    running = Running.read(system.home)
    assert running
    with Rpc(running.node_port) as rpc:
        genesis = rpc("eth_getBlockByNumber", "0x0", False)["hash"]
        deployed = json.loads(system.settings.deployment_file.read_text(encoding="utf-8"))
        assert rpc("eth_getCode", deployed["programmes"], "latest") != "0x"
    assert deployed["genesis_hash"] == genesis
    assert deployed["chain_id"] == running.chain_id
    return running.chain_id, genesis, json.dumps(deployed)


def serves(system: System) -> bool:
    try:
        return HTTP.get(f"{system.url}/readyz").status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "home"


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[System]:
    with running_system(home, CIVIS_DEMO="0") as system:
        yield system


@pytest.mark.kill
@pytest.mark.parametrize("part", ["postgres", "anvil", "blocks", "signer", "web", "gateway"])
def test_a_killed_part_comes_back_and_all_goes_on(running: System, part: str) -> None:
    before = state(running)
    killed = running.kill(part, signal.SIGKILL)
    assert eventually(lambda: running.pid(part) != killed and alive(running.pid(part)))
    assert eventually(lambda: serves(running))
    assert eventually(lambda: _same(running, before))
    assert running.process.poll() is None


def _same(system: System, before: tuple[int, str, str]) -> bool:
    try:
        return state(system) == before
    except httpx.HTTPError:
        return False


@pytest.mark.kill
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_however_it_ends_nothing_stays_and_all_is_found_again(
    running: System, home: Path, number: signal.Signals
) -> None:
    before = state(running)
    below = descendants(running.process.pid)
    assert len(below) > len(list((home / "run").glob("*.pid")))  # with children of children
    running.process.send_signal(number)
    code = running.process.wait(60)
    assert code == (-number if number == signal.SIGKILL else 0)
    assert eventually(lambda: not any(map(alive, below)))
    again = start_system(home, CIVIS_DEMO="0")
    running.process, running.port = again.process, again.port
    wait_ready(running)
    assert state(running) == before


def test_a_program_that_looks_after_it_reads_an_event_a_line(tmp_path: Path) -> None:
    system = start_system(tmp_path / "home", "--json", CIVIS_DEMO="0")
    try:
        assert eventually(lambda: '"event": "ready"' in system.said(), START_SECONDS)
        assert serves(system)
        system.kill("gateway", signal.SIGKILL)
        assert eventually(lambda: '"event": "restarted"' in system.said())
    finally:
        end_system(system)
    *steps, ready, again, last = [json.loads(line) for line in system.said().splitlines()]
    assert {one["event"] for one in steps} == {"step"}
    named = {"database", "chain", "tables", "contracts", "signer", "web", "gateway", "workers"}
    assert {one["name"] for one in steps} == named
    assert (ready["event"], ready["url"], ready["shut"]) == ("ready", system.url, False)
    assert (again["event"], again["name"]) == ("restarted", "gateway")
    assert again["ended"].startswith("gateway ended (signal SIGKILL): ")
    assert (last, system.process.returncode) == ({"event": "stopping"}, 0)
