"""`make chaos`: a city in use is killed part by part, each round in another order, into
build/chaos.json.

The tests that do it once in `make test` check the promises after each round: whatever was answered
is there once, all of it settles, the audit agrees. `N=` rounds; `SEED=` repeats that seed's.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

from app.embedded.supervisor import Stopped, stopping_on_signals
from load.pieces import run
from load.place import ROOT
from load.result import Result, at_least, beside

ROUNDS = "3"
TESTS = ("tests/city/test_city_killed.py", "tests/system/test_workers_killed.py")


def measure() -> Iterator[Result]:
    """Each round by its seed, and whether it held."""
    given = os.environ.get("SEED")
    rounds = 1 if given else int(os.environ.get("N", ROUNDS))
    for _ in range(rounds):
        seed, began = given or str(random.randrange(10**6)), time.monotonic()
        held = _round({**os.environ, "SEED": seed})
        yield at_least(f"seed {seed}: what was promised held", float(held), 1, "round", 1.0)
        yield beside(f"seed {seed}", time.monotonic() - began, "s")


def _round(environ: Mapping[str, str]) -> bool:
    """Whoever ends it lets the tests end what they started."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", *TESTS]
    with subprocess.Popen(command, cwd=ROOT, env=environ) as tests:
        try:
            return tests.wait() == 0
        except Stopped:
            tests.send_signal(signal.SIGINT)
            tests.wait()
            raise


def main() -> None:
    results = run({"chaos": measure}, [], ROOT / "build" / "chaos.json")
    if any(one.holds is False for one in results):
        raise SystemExit(1)


if __name__ == "__main__":
    try:
        with stopping_on_signals():
            main()
    except Stopped:
        sys.exit(130)
