"""Secrets as files under home/keys: made at first use, mode 600, never changed by themselves.

A key file that was lost is never made again silently where something depends on it: whoever
reads with `read_key` gets an error instead of a new secret.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


class KeyFileError(Exception):
    """One sentence: which file, and what to do."""


def read_key(home: Path, name: str) -> str:
    """The secret of that name. Raises KeyFileError when it is missing or open to others."""
    path = home / "keys" / name
    try:
        mode = path.stat().st_mode & 0o077
        value = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise KeyFileError(
            f"The key file {path} can't be read ({error.strerror}): restore it from its backup."
        ) from error
    if mode:
        raise KeyFileError(f"Others may read {path}: run `chmod 600 {path}`.")
    if not value:
        raise KeyFileError(f"The key file {path} is empty: restore it from its backup.")
    return value


def ensure_key(
    home: Path, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)
) -> str:
    """The secret of that name, 256 random bits in URL-safe text, made if there is none yet.

    `make`: what to write instead.
    """
    path = home / "keys" / name
    if not path.exists():
        draft = _draft(path, make())
        with contextlib.suppress(FileExistsError):  # somebody else was first: theirs holds
            os.link(draft, path)
        draft.unlink()
        sync_folder(path.parent)
    return read_key(home, name)


def write_private(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Writes a file that only its owner reads, unless `mode` says more; whole or not at all,
    durable on return, with the folders that it needs.

    Of two that write at once, the last wins.
    """
    draft = _draft(path, text)
    draft.chmod(mode)
    draft.replace(path)
    sync_folder(path.parent)


def _draft(path: Path, text: str) -> Path:
    """The text, durable under a name of its own beside `path`."""
    missing = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for made in reversed(missing):
        sync_folder(made.parent)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """No two processes of this machine at once that change files which are there already."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
