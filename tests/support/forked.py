"""Something done in a fresh process for each of many names.

Each is forked from one that has loaded what isn't ours: loading that takes longer than all else.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

from tests.support.system import ROOT

_MARK = "== "
_EACH = """
import os, sys
import click, eth_abi, httpx, marshmallow, psycopg, sqlalchemy.orm, sqlmodel, structlog
for name in sys.argv[2:]:
    if (child := os.fork()) == 0:
        print("== " + name, flush=True)
        exec(sys.argv[1])
        sys.exit()
    assert os.waitpid(child, 0)[1] == 0, name
"""


def said_by_each(names: Iterable[str], do: str) -> dict[str, str]:
    """What `do`, Python that knows its `name`, prints for each; one that fails fails the test."""
    command = [sys.executable, "-c", _EACH, do, *names]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(part.split("\n", 1) for part in done.stdout.split(_MARK)[1:])
