"""A city that is ended and started again is the same city."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

from sqlalchemy import text

from app.chain.rpc.client import ChainClient
from app.demo.seed import STEPS
from app.services import connect
from tests.support.processes import eventually
from tests.support.system import ROOT, System, end_system, launch, wait_ready


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


def test_seeding_again_finds_all_done_and_a_program_hears_so(city: System) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "seed", "--json"],
        cwd=ROOT,
        env=city.environ(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert list(told) == ["seconds"]
    assert [*told["seconds"]] == [name for name, _ in STEPS]
    assert "    payments " in done.stderr
    assert "simulated deeds" not in done.stderr


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
