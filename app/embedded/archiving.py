"""How the embedded database keeps its write-ahead log outside of itself, and reads it again.

A segment is on disk for certain under its name before PostgreSQL may forget it, and one that is
there already is never written over. Every minute the segment that is being written is closed, if
anything was: what a lost disk takes is at most that minute.
"""

from __future__ import annotations

import shlex
from pathlib import Path

MOST_SECONDS = 60


def archiving(archive: Path) -> dict[str, str]:
    """Settings of a server that archives."""
    there, part = _place(archive, "%f"), _place(archive, ".%f.part")
    write = f"cp %p {part} && sync {part} && mv {part} {there} && sync {_place(archive, '')}"
    return {
        "archive_mode": "on",
        "archive_command": f"if test -f {there}; then cmp -s %p {there}; else {write}; fi",
        "archive_timeout": f"{MOST_SECONDS}s",
    }


def recovery_settings(archive: Path | None) -> str:
    """Lines of a configuration that brings a base backup to the end of the archived log."""
    command = f"cp {_place(archive, '%f')} %p" if archive else "false"
    escaped = command.replace("'", "''")
    return f"restore_command = '{escaped}'\nrecovery_target_timeline = 'latest'\n"


def _place(archive: Path, name: str) -> str:
    """Quoted for a shell; a % of the folder's own name is said twice."""
    folder = str(archive).replace("%", "%%")
    return f"{shlex.quote(folder)}/{name}"
