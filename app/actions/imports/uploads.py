"""Where an upload lies while its job is open: home/uploads, for nobody else to read."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from app.actions.imports.rows import Row, read_rows

MAX_UPLOAD = 2 * 1024**3  # bytes


def uploads_folder(home: Path) -> Path:
    folder = home / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def stored_upload(folder: Path, source: IO[bytes]) -> Iterator[Path]:
    """The upload on disk for good (fsync); gone again if the block that hands it in fails."""
    path = folder / secrets.token_hex(16)
    try:
        with path.open("wb") as target:
            while part := source.read(1 << 20):
                target.write(part)
            target.flush()
            os.fsync(target.fileno())
        _sync_folder(folder)
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def sweep(folder: Path, wanted: Collection[str], *, older_than: float) -> None:
    """Removes what no open job wants: left by a kill between storing and handing in."""
    for path in folder.iterdir():
        if path.stem not in wanted and path.stat().st_mtime < time.time() - older_than:
            path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def opened_rows(path: Path) -> Iterator[Iterator[Row | None]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield read_rows(lines)
