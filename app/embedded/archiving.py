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


def recovery_settings(archive: Path | None, *, to_the_end: bool) -> str:
    """Lines of a configuration that brings a base backup to the end of the archived log, or just as
    far as makes it whole. The archive is read in both cases: it says which timelines are taken."""
    command = f"cp {_place(archive, '%f')} %p" if archive else "false"
    escaped = command.replace("'", "''")
    end = "recovery_target = ''"  # a restore before may have left another, in the backup too
    if not to_the_end:
        end = "recovery_target = 'immediate'\nrecovery_target_action = 'promote'"
    newest = "recovery_target_timeline = 'latest'"
    return f"restore_command = '{escaped}'\n{newest}\n{end}\n"


def _place(archive: Path, name: str) -> str:
    """Quoted for a shell; a % of the folder's own name is said twice."""
    folder = str(archive).replace("%", "%%")
    return f"{shlex.quote(folder)}/{name}"


def leave_to_archive(data: Path, archive: Path) -> None:
    """A segment that the archive holds by now is not archived again: after a restore, what ends an
    older timeline here is only the beginning of what lies there. The server stands still."""
    for segment in (data / "pg_wal").iterdir():
        if segment.is_file() and (archive / segment.name).exists():
            status = data / "pg_wal" / "archive_status"
            (status / f"{segment.name}.ready").unlink(missing_ok=True)
            (status / f"{segment.name}.done").touch()
