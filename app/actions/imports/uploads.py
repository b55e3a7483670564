"""Where an upload lies while its job is open: home/uploads, for nobody else to read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from app.actions.imports.rows import read_rows


def uploads_folder(home: Path) -> Path:
    folder = home / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def store_upload(folder: Path, name: str, source: IO[bytes]) -> Path:
    """The upload on disk for good (fsync), before anything is promised about it."""
    path = folder / name
    with path.open("wb") as target:
        while part := source.read(1 << 20):
            target.write(part)
        target.flush()
        os.fsync(target.fileno())
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return path


@contextmanager
def opened_rows(path: Path) -> Iterator[Iterator[list[str] | None]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield read_rows(lines)
