"""The tests that take minutes each, marked `deep`: a season in a running city."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from load.place import ROOT
from load.result import Result, at_least

MARK = "deep"
WHERE = "tests"


def measure() -> Iterator[Result]:
    """All of them hold; what pytest says stands above the table."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", MARK, WHERE]
    done = subprocess.run(command, cwd=ROOT, check=False)
    yield at_least("slow tests, all of which hold", float(done.returncode == 0), 1, "run", 1.0)
