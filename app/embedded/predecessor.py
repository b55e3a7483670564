"""What an earlier PostgreSQL left in a data folder: itself, still stopping, or its mark.

PostgreSQL refuses to start while any process of the same user has the number in the mark, though
after a crash of the machine that process may be anybody.
"""

from __future__ import annotations

import time
from pathlib import Path

from app.embedded.errors import EmbeddedError

PATIENCE_SECONDS = 30.0


def clear_predecessor(data: Path) -> None:
    """Waits for a server that is still stopping; drops its mark if it is long gone."""
    mark = data / "postmaster.pid"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _is_postgres(mark):
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Another PostgreSQL still runs in {data}: end it, process {_first_line(mark)}."
            )
        time.sleep(0.1)
    mark.unlink(missing_ok=True)


def _is_postgres(mark: Path) -> bool:
    """Whether the process that the mark names lives and is a PostgreSQL."""
    try:
        return (Path("/proc") / (_first_line(mark) or "none") / "exe").readlink().name == "postgres"
    except OSError:
        return False


def _first_line(mark: Path) -> str:
    try:
        return mark.read_text(encoding="utf-8").partition("\n")[0].strip()
    except FileNotFoundError:
        return ""
