"""Child processes that end with their parent and, where root starts them, run without its rights.

PostgreSQL refuses to run as root. It then runs as the existing user `nobody`, whose only folder
is its own under CIVIS_HOME. Where a folder above is closed to others, the child keeps one
capability to pass it instead of anybody opening that folder.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import stat
import struct
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.embedded.errors import EmbeddedError
from app.lifeline import die_with_parent

STDERR = 2
_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _AMBIENT_RAISE = 8, 47, 2
_CAPABILITY_VERSION = 0x20080522
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


@dataclass(frozen=True)
class Identity:
    """Whom a child runs as; `capability` is what it keeps of root's, if anything."""

    uid: int
    gid: int
    capability: int | None = None


def identity_for(program: Path, folder: Path) -> Identity | None:
    """Whom root runs `program` as, so that it reaches itself and `folder`; None if not root."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    open_ways = all(_passable(way) for way in (*program.parents, *folder.parents))
    executable = bool(program.stat().st_mode & stat.S_IXOTH)
    if open_ways and executable:
        return Identity(nobody.pw_uid, nobody.pw_gid)
    wanted = (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE) if executable else (CAP_DAC_OVERRIDE,)
    held = next((one for one in wanted if _held() >> one & 1), None)
    if held is None:
        raise EmbeddedError(
            f"PostgreSQL can't run as root, and as `nobody` it can't reach {program} or {folder}: "
            "start Civis as an ordinary user, or set CIVIS_HOME to a folder open to others."
        )
    return Identity(nobody.pw_uid, nobody.pw_gid, held)


def spawn(
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    output: IO[bytes],
    folder: Path,
    identity: Identity | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    aloud: bool = False,
) -> subprocess.Popen[bytes]:
    """Starts a child in a process group of its own, which gets `death_signal` if we die.

    What it says goes to `output`; `aloud`, only its errors do, and the rest to our standard error:
    it is how far something is, and no answer of ours.
    """
    return subprocess.Popen(
        list(command),
        env=dict(environ),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=STDERR if aloud else output,
        stderr=output,
        start_new_session=True,
        preexec_fn=before_exec(identity, death_signal),  # noqa: PLW1509 - no threads here
    )


@contextmanager
def ended_with_us(process: subprocess.Popen[str]) -> Iterator[None]:
    """A child in a group of its own and all that it started end where the block is left early."""
    try:
        yield
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise


def before_exec(identity: Identity | None, death_signal: signal.Signals) -> Callable[[], None]:
    """What the child does between fork and exec."""
    parent = os.getpid()

    def prepare() -> None:
        if identity is not None:
            _become(identity)
        die_with_parent(death_signal)  # after the change of user, which would undo it
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return prepare


def _become(identity: Identity) -> None:
    keep = identity.capability
    if keep is not None:
        _check(_LIBC.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setresgid(identity.gid, identity.gid, identity.gid)
    os.setresuid(identity.uid, identity.uid, identity.uid)
    if keep is not None:
        header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
        mask = 1 << keep  # effective, permitted, inheritable; then the upper 32 of each
        _check(_LIBC.capset(header, struct.pack("=6I", mask, mask, mask, 0, 0, 0)))
        _check(_LIBC.prctl(_PR_CAP_AMBIENT, _AMBIENT_RAISE, keep, 0, 0))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _passable(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)


def _held() -> int:
    """The capabilities that this process may use or pass on, as bits."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("CapPrm:"))
    return int(line.split()[1], 16)
