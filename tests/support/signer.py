"""The real signer process beside a test's database: `with running_signer(settings) as client`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.chain import typed
from app.chain.artifacts import PLACES, SINGLE
from app.chain.role_keys import ensure_role_keys
from app.chain.signer import SignerClient
from app.config import DatabaseRole, Settings

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
CHAIN_ID = 31_337
GENESIS = bytes(range(32))
#: Contract addresses of a deployment that no test calls.
ADDRESSES = {name: typed.checksum(f"0x{number + 1:040x}") for number, name in enumerate(SINGLE)}


def write_deployment(settings: Settings) -> None:
    """A deployment's file as the first day leaves it, for tests that need no contracts."""
    stored = {PLACES[name]: address for name, address in ADDRESSES.items()}
    stored |= {"chain_id": CHAIN_ID, "genesis_hash": "0x" + GENESIS.hex(), "block_number": 1}  # type: ignore[dict-item]
    settings.deployment_file.parent.mkdir(parents=True, exist_ok=True)
    settings.deployment_file.write_text(json.dumps(stored))


@contextmanager
def running_signer(
    settings: Settings, environ: Mapping[str, str] | None = None
) -> Iterator[SignerClient]:
    """A client of a fresh `python -m workers.signer`; the process ends with the block."""
    ensure_role_keys(settings.home)
    process = start_signer(settings, environ)
    try:
        yield ready_client(settings, process)
    finally:
        process.terminate()
        process.wait(timeout=20)


def start_signer(
    settings: Settings, environ: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Database and deployment come from `settings`; `environ` adds, such as ceilings."""
    mine = {
        **os.environ,
        "CIVIS_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url(DatabaseRole.APP),
        "DATABASE_URL_SIGNER": settings.database_url(DatabaseRole.SIGNER),
        "CHAIN_RPC_URLS": "http://127.0.0.1:9",  # the signer never asks a node
        "PUBLIC_URL": "https://civis.example",
        "CHAIN_DEPLOYMENT": str(settings.deployment_file),
        **(environ or {}),
    }
    return subprocess.Popen([sys.executable, "-m", "workers.signer"], env=mine, cwd=ROOT)


def ready_client(settings: Settings, process: subprocess.Popen[bytes]) -> SignerClient:
    client = SignerClient.of(settings)
    deadline = time.monotonic() + START_SECONDS
    while not client.ping():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the signer did not start (exit {process.poll()})")
        time.sleep(0.05)
    return client
