"""The contracts' tests with many more drawn values and longer sequences: Foundry's deep profile."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

from load.place import ROOT
from load.result import Result, at_least, beside

PROFILE = "deep"
ONLY: tuple[str, ...] = ()  # forge's own options, to run some of them


def measure() -> Iterator[Result]:
    """All tests hold, fuzz and invariants with so many runs and calls. What fails is named."""
    suites = _suites()
    named = {f"{suite} {name}": one for suite in suites
             for name, one in suites[suite]["test_results"].items()}  # fmt: skip
    failed = {name: one for name, one in named.items() if one["status"] != "Success"}
    for name, one in failed.items():
        print(f"  FAILED {name}: {one.get('reason')}", flush=True)
    found = list(named.values())
    held = len(found) - len(failed)
    yield at_least("contracts, tests that hold", held, len(found), "tests", 1.0)
    fuzzed = [one["kind"]["Fuzz"]["runs"] for one in found if "Fuzz" in one["kind"]]
    yield beside("contracts, drawn values", sum(fuzzed), "runs", len(fuzzed))
    calls = [one["kind"]["Invariant"]["calls"] for one in found if "Invariant" in one["kind"]]
    yield beside("contracts, calls before an invariant", sum(calls), "calls", len(calls))


def _suites() -> dict[str, Any]:
    """Raises RuntimeError where forge has nothing to say."""
    command = ["node", "script/forge.mjs", "test", "--json", *ONLY]
    environ = {**os.environ, "FOUNDRY_PROFILE": PROFILE}
    done = subprocess.run(
        command, cwd=ROOT / "contracts", env=environ, check=False, capture_output=True, text=True
    )
    start = done.stdout.find("{")
    if start < 0:
        raise RuntimeError(f"forge ended with {done.returncode}:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout[start:])
    return found
