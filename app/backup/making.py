"""Backups, three apart: the database whole, the keys, the artefacts.

The database's is what PostgreSQL's own `pg_basebackup` writes, checked by `pg_verifybackup`; with
the archived log it can be brought to any instant after it. Keys are copied as they are now, and a
key that the journal calls destroyed is destroyed in the copy too, or no erasure would ever be
complete; no other ever is. Artefacts
and the journal are only ever added to; with them goes the record of the contracts, which changes
when one is replaced.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from app.embedded.errors import EmbeddedError
from app.embedded.ports import LOOPBACK
from app.embedded.postgres import postgres_environ, programs
from app.journal import KEY_DESTROYED, Journal
from app.keyfiles import read_key, sync_folder, write_private
from app.privacy.keys import key_file

LABEL = "backup.json"
RECORD = "deployment.json"
WITHIN, BASE, LOG = "database", "base.tar.gz", "pg_wal.tar.gz"


@dataclass(frozen=True)
class Made:
    """What lies where now; `label` names the database's backup."""

    label: str
    database: str
    log_archive: str | None


@dataclass(frozen=True)
class KeysKept:
    """How many files, and of what the copy is all that is left."""

    files: int
    missing: tuple[str, ...]


def back_up_database(
    home: Path, port: int, target: Path, at: datetime, archive: Path | None
) -> Made:
    """A base backup of the running embedded server, checked. Raises EmbeddedError."""
    folder = target / f"{at:%Y-%m-%dT%H%M%SZ}"
    if folder.exists():
        raise EmbeddedError(f"{folder} is there already: wait a second and try again.")
    draft = target / f".{folder.name}.unfinished"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    password = read_key(home, "postgres_superuser")
    command = ["pg_basebackup", "--pgdata", str(draft / WITHIN), "--format=tar", "--gzip"]
    command += ["--wal-method=stream", "--checkpoint=fast", "--label", folder.name]
    command += ["--host", LOOPBACK, "--port", str(port), "--username", "postgres", "--no-password"]
    _run(command, {"PGPASSWORD": password})
    verify(draft)
    made = Made(folder.name, str(folder), str(archive) if archive else None)
    write_private(draft / LABEL, json.dumps(asdict(made)))
    for file in (draft / WITHIN).iterdir():
        _sync(file)
    sync_folder(draft / WITHIN)
    draft.rename(folder)
    sync_folder(target)
    return made


def verify(backup: Path) -> None:
    """Every file against the backup's own list. Raises EmbeddedError."""
    _run(["pg_verifybackup", "--no-parse-wal", str(backup / WITHIN)], {})


def back_up_keys(home: Path, target: Path, destroyed: Collection[str]) -> KeysKept:
    """The key folders as they are now; what the house has `destroyed` since is overwritten and gone
    from the copy too. Whatever else is missing was lost, or isn't mounted: its copy stays."""
    kept, missing = 0, list[str]()
    for name in ("keys", "signer/keys"):
        source, copies = home / name, target / name
        here = {one.relative_to(source) for one in _files(source) if not _is_draft(one)}
        for file in sorted(here):
            write_private(copies / file, (source / file).read_text(encoding="utf-8"))
        for copy in _files(copies):
            file = copy.relative_to(copies)
            if _is_draft(copy) or (file not in here and f"{name}/{file}" in destroyed):
                _destroy(copy)
            elif file not in here:
                missing.append(f"{name}/{file}")
        kept += len(here)
    return KeysKept(kept, tuple(missing))


def destroyed_keys(journal: Path) -> frozenset[str]:
    """The files of the months' keys that the house has destroyed for certain."""
    ended = [one for one in Journal(journal).read().entries if one.kind == KEY_DESTROYED]
    return frozenset(f"keys/{key_file(one.ids['epoch'])}" for one in ended if one.done)


def _files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.rglob("*") if one.is_file())


def _is_draft(file: Path) -> bool:
    """Of a key that is being written, or whose writing was cut short."""
    return file.name.startswith(".")


def add_to(source: Path, target: Path) -> int:
    """Every file of `source` that `target` lacks, or has shorter: such a file only grows. How many
    were copied."""
    copied = 0
    for file in _files(source):
        copy = target / file.relative_to(source)
        if _is_draft(file) or file.suffix == ".draft":
            continue
        if copy.exists() and copy.stat().st_size >= file.stat().st_size:
            continue
        write_private(copy, file.read_text(encoding="utf-8"))
        copied += 1
    return copied


def copy_record(deployment_file: Path, target: Path) -> bool:
    """The record of the contracts as it is now; False where there is none yet."""
    if not deployment_file.exists():
        return False
    write_private(target / RECORD, deployment_file.read_text(encoding="utf-8"))
    return True


def _destroy(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(secrets.token_bytes(file.stat().st_size))
        opened.flush()
        os.fsync(opened.fileno())
    file.unlink()
    sync_folder(file.parent)


def _run(command: list[str], environ: dict[str, str]) -> None:
    """One of PostgreSQL's programs. Raises EmbeddedError with its own words."""
    done = subprocess.run(
        [str(programs() / command[0]), *command[1:]],
        env={**postgres_environ(), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EmbeddedError(f"{command[0]}: {done.stderr.strip()[-500:]}")


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
