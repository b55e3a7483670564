"""What holds for every argument and from every state: the contracts' proofs, by halmos."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from load.place import ROOT
from load.result import Result, at_least

CONTRACTS = ROOT / "contracts"
HALMOS = ROOT / ".venv" / "halmos" / "bin"
FORGE = CONTRACTS / "node_modules" / "@foundry-rs" / "forge-linux-amd64" / "bin"
PROFILE = "proofs"


def measure() -> Iterator[Result]:
    """All of them are proved; each is printed as halmos says it, a counterexample too.

    Raises FileNotFoundError where halmos isn't installed, as `make deep` does it.
    """
    proved = found = 0
    for suite, tests in _proofs().items():
        good = sum(one["exitcode"] == 0 for one in tests)
        print(f"  {suite}: {good} of {len(tests)} proved", flush=True)
        proved, found = proved + good, found + len(tests)
    yield at_least("contracts, properties proved", proved, found, "properties", 1.0)


def _proofs() -> dict[str, list[dict[str, Any]]]:
    """Raises RuntimeError where halmos has nothing to say."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "proofs.json"
        command = [str(HALMOS / "halmos"), "--forge-build-out", f"out/{PROFILE}", "--no-status"]
        # Without an end: an answer that didn't come in time proves nothing.
        options = ["--solver-timeout-assertion", "0", "--json-output", str(path)]
        searched = os.pathsep.join((str(HALMOS), str(FORGE), os.environ["PATH"]))
        environ = {**os.environ, "FOUNDRY_PROFILE": PROFILE, "PATH": searched}
        done = subprocess.run([*command, *options], cwd=CONTRACTS, env=environ, check=False)
        if not path.exists():
            raise RuntimeError(f"halmos ended with {done.returncode} and proved nothing")
        found: dict[str, list[dict[str, Any]]] = json.loads(path.read_text("utf-8"))["test_results"]
        return found
