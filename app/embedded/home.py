"""CIVIS_HOME: one run at a time, and closed to others.

keys/ secrets    postgres/ the database    chain/ the node    log/    run/ what lasts a run
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from app.embedded.errors import EmbeddedError


@contextlib.contextmanager
def locked_home(home: Path) -> Iterator[None]:
    """Makes the home if need be and holds it. Raises EmbeddedError when another run has it."""
    try:
        # Root's database runs as somebody else, who must pass through here, not read.
        home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        for name in ("keys", "log", "run", "chain"):
            (home / name).mkdir(mode=0o700, exist_ok=True)
        lock = (home / "run" / "lock").open("w", encoding="ascii")
    except OSError as error:
        raise EmbeddedError(
            f"{error.filename} can't be made or written ({error.strerror}): set CIVIS_HOME to a "
            "folder of yours."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EmbeddedError(
                f"Civis already runs in {home}: end that run first, or set another CIVIS_HOME."
            ) from error
        yield
