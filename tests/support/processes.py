"""Looking at processes that are not our children, and being another user."""

from __future__ import annotations

import pwd
import time
from collections.abc import Callable
from pathlib import Path

from app.embedded.process import CAP_DAC_READ_SEARCH, Identity


def alive(pid: int) -> bool:
    """Whether it runs; one that ended and that nobody has asked about yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def eventually(condition: Callable[[], bool], seconds: float = 90) -> bool:
    """Whether it comes true; the limit only ends a test that has failed."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def ordinary_user() -> Identity:
    """An existing user without root's rights, who may read the folder that Python lies in."""
    entry = pwd.getpwnam("daemon")
    return Identity(entry.pw_uid, entry.pw_gid, CAP_DAC_READ_SEARCH)


def descendants(pid: int) -> set[int]:
    """All processes below one, however deep."""
    children: dict[int, set[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(int(fields[1]), set()).add(int(stat.parent.name))
    found, waiting = set[int](), {pid}
    while waiting:
        waiting = set[int]().union(*(children.get(one, set()) for one in waiting))
        found |= waiting
    return found
