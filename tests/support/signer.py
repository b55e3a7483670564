"""The real signer process beside a test's database: `with running_signer(settings) as client`."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.chain import typed
from app.chain.contracts.artifacts import PLACES, SINGLE
from app.chain.deploying.role_keys import ensure_role_keys
from app.chain.signer import SignerClient
from app.config import DatabaseRole, Settings
from workers.signer.__main__ import main

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.support.signer_loaded"])
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
    """A client of a fresh signer, a process of its own that ends with the block.

    It is forked from one that has loaded the modules already: loading takes longer than most tests.
    """
    ensure_role_keys(settings.home)
    process = _FORKS.Process(target=_serve, args=(_environ(settings, environ),), daemon=True)
    process.start()
    try:
        yield ready_client(settings, lambda: process.exitcode)
    finally:
        process.terminate()
        process.join(20)
        assert process.exitcode == 0


def _serve(environ: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environ)
    sys.exit(main())


def start_signer(
    settings: Settings, environ: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """`python -m workers.signer`, for who kills it or reads what it says."""
    mine = _environ(settings, environ)
    return subprocess.Popen([sys.executable, "-m", "workers.signer"], env=mine, cwd=ROOT)


def _environ(settings: Settings, more: Mapping[str, str] | None) -> dict[str, str]:
    """Database and deployment come from `settings`; `more` adds, such as ceilings."""
    return {
        **os.environ,
        "CIVIS_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url(DatabaseRole.APP),
        "DATABASE_URL_SIGNER": settings.database_url(DatabaseRole.SIGNER),
        "CHAIN_RPC_URLS": "http://127.0.0.1:9",  # the signer never asks a node
        "PUBLIC_URL": "https://civis.example",
        "CHAIN_DEPLOYMENT": str(settings.deployment_file),
        **(more or {}),
    }


def ready_client(settings: Settings, ended: Callable[[], int | None]) -> SignerClient:
    """Once it answers. `ended`: the code it ended with, None while it runs."""
    client = SignerClient.of(settings)
    deadline = time.monotonic() + START_SECONDS
    while not client.ping():
        if ended() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the signer did not start (exit {ended()})")
        time.sleep(0.05)
    return client
