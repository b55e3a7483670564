"""The drill: a running city, a backup, more batches, the database lost, the old backup put back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.services import connect
from tests.conftest import temporary_home
from tests.support.processes import eventually
from tests.support.system import (
    ROOT,
    System,
    end_system,
    launch,
    power_cut,
    running_system,
    wait_ready,
)

MORE_BATCHES = 3
LONG = 600.0

pytestmark = pytest.mark.deep


@pytest.fixture
def system() -> Iterator[System]:
    with temporary_home() as home:
        archive = home.parent / "archive"
        with running_system(home, CIVIS_DEMO="small", WAL_ARCHIVE=str(archive)) as running:
            yield running


def _civis(system: System, *arguments: str, expect: int = 0) -> Any:
    command = [sys.executable, "-m", "app.cli", *arguments, "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=system.environ(), capture_output=True, text=True, check=False
    )
    assert done.returncode == expect, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(done.stdout)


def _ask(system: System, query: str) -> Any:
    parts = connect(system.settings, name="tests")
    try:
        with parts.database.session() as session:
            return session.execute(text(query)).scalar_one()
    finally:
        parts.database.dispose()


def _final(system: System) -> int:
    return int(_ask(system, "select count(*) from batch where state = 'final'"))


def _minted(system: System) -> int:
    query = "select coalesce(sum(amount_cents), 0) from ledger_entry where kind = 'credit'"
    return int(_ask(system, query))


def _back_up(system: System) -> Path:
    folder = system.home.parent
    told = _civis(
        system, "backup", "--to", str(folder / "backups"), "--keys-to", str(folder / "keys"),
        "--artefacts-to", str(folder / "artefacts"),
    )  # fmt: skip
    assert told["keys"] > 2
    assert told["artefacts"] > 2
    return Path(told["database"])


def _lose(system: System, backup: Path, *options: str) -> None:
    power_cut(system)
    shutil.rmtree(system.home / "postgres")
    (system.home / "postgres").mkdir(mode=0o700)
    said = _civis(system, "restore", "put-back", "--from", str(backup), *options)
    assert said["shut"] is True
    launch(system)
    wait_ready(system)


def _bring_up(system: System) -> Any:
    assert httpx.get(f"{system.url}/api/v1/programmes", timeout=60).status_code == 503
    report = _civis(system, "restore", "match")
    assert report["matched"], report
    assert report["batches_matched"] == report["batches_on_chain"]
    _civis(system, "restore", "open", "--reason", "the drill")
    assert eventually(
        lambda: httpx.get(f"{system.url}/readyz", timeout=60).status_code == 200, LONG
    )
    return report


def _quiet(system: System) -> bool:
    """Whatever was on its way to the chain has arrived."""
    query = "select count(*) from outbox_item where state in ('sent', 'held')"
    return bool(_ask(system, query) == 0)


def test_an_old_backup_meets_a_chain_that_went_on(system: System) -> None:
    backup = _back_up(system)
    at_backup = _final(system)
    assert eventually(lambda: _final(system) >= at_backup + MORE_BATCHES, LONG)
    before = _minted(system)
    _lose(system, backup, "--only-base")
    assert _final(system) <= at_backup + 1, "it is the old one"
    report = _bring_up(system)
    assert report["nonces_taken"]["minter"] >= MORE_BATCHES
    assert eventually(lambda: _minted(system) >= before, LONG)
    assert eventually(lambda: _quiet(system), LONG)
    _agrees(system)

    again = _back_up(system)
    lost_from = _ask(system, "select count(*) from action")
    assert eventually(lambda: _ask(system, "select count(*) from action") > lost_from, LONG)
    recorded = _ask(system, "select count(*) from action")
    segment = _ask(system, "select pg_walfile_name(pg_current_wal_lsn())")
    archive = system.home.parent / "archive"
    assert eventually((archive / segment).exists, LONG), "every minute the log is archived"
    _lose(system, again)
    assert _ask(system, "select count(*) from action") >= recorded, "up to the last archived log"
    _bring_up(system)
    _agrees(system)
    end_system(system)


def _agrees(system: System) -> None:
    codes = "select count(*) from incident where code not in ('lost_in_restore', 'log_not_sealed')"
    assert _ask(system, codes) == 0
    gateway = f"http://localhost:{system.extra['GATEWAY_PORT']}"
    assert eventually(lambda: _audited(system, gateway), LONG)


def _audited(system: System, gateway: str) -> bool:
    """Between two of its questions the city may go on: then once more."""
    command = [sys.executable, "-m", "app.cli", "audit", "--rpc", gateway, "--site", system.url]
    done = subprocess.run(command, cwd=ROOT, env=system.environ(), capture_output=True, check=False)
    return done.returncode == 0
