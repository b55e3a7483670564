"""Backups, three apart: the database whole, the keys, the artefacts.

The database's is what PostgreSQL's own `pg_basebackup` writes, checked by `pg_verifybackup`; with
the archived log it can be brought to any instant after it. Keys are copied as they are now, and a
key that was destroyed is destroyed in the copy too, or no erasure would ever be complete. Artefacts
and the journal are only ever added to; with them goes the record of the contracts, which changes
when one is replaced.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from app.embedded.errors import EmbeddedError
from app.embedded.ports import LOOPBACK
from app.embedded.postgres import postgres_environ, programs
from app.keyfiles import read_key, sync_folder, write_private

LABEL = "backup.json"
RECORD = "deployment.json"
WITHIN, BASE, LOG = "database", "base.tar.gz", "pg_wal.tar.gz"


@dataclass(frozen=True)
class Made:
    """What lies where now; `label` names the database's backup."""

    label: str
    database: str
    log_archive: str | None


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


def back_up_keys(home: Path, target: Path) -> int:
    """The key folders as they are now; how many files. What the house has destroyed since is
    overwritten and gone from the copy too."""
    kept = set[Path]()
    for name in ("keys", "signer/keys"):
        source = home / name
        for file in sorted(one for one in source.rglob("*") if one.is_file()):
            if file.name.startswith("."):
                continue  # a draft of a key that is being written
            copy = target / name / file.relative_to(source)
            write_private(copy, file.read_text(encoding="utf-8"))
            kept.add(copy)
    for stale in [one for one in target.rglob("*") if one.is_file() and one not in kept]:
        _destroy(stale)
    return len(kept)


def add_to(source: Path, target: Path) -> int:
    """Every file of `source` that `target` lacks, or has shorter: such a file only grows. How many
    were copied."""
    copied = 0
    for file in sorted(one for one in source.rglob("*") if one.is_file()):
        copy = target / file.relative_to(source)
        if file.name.startswith(".") or file.suffix == ".draft":
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
