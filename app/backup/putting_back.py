"""The embedded database out of its backup: base, then the archived log to its end, doors shut.

It is made in a folder of its own, and takes its place once its doors are shut. Whatever lies in
that place is moved aside, not deleted. Nothing else of Civis can run meanwhile; one that was cut
short is begun again, and until then nothing starts (see Postgres.prepare).
"""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import func, select

from app.backup.making import BASE, LABEL, LOG, WITHIN, verify
from app.clock import Clock
from app.config import DatabaseRole
from app.db import Database
from app.doors import shut_doors
from app.embedded.archiving import leave_to_archive, recovery_settings
from app.embedded.errors import EmbeddedError
from app.embedded.home import locked_home
from app.embedded.postgres import DATABASE, Postgres
from app.embedded.put_back_folders import LOST, RESTORING
from app.embedded.supervisor import Supervisor, stopping_on_signals
from app.keyfiles import sync_folder

_POLL = 0.2


@dataclass(frozen=True)
class Replayed:
    """The log's last place, and when the last of its transactions was committed: none was where the
    backup's own log holds none."""

    log_end: str
    last_commit: datetime | None


def put_back(
    home: Path, backup: Path, archive: Path | None, *, to_the_end: bool = True
) -> Replayed:
    """Raises EmbeddedError; Stopped on a signal."""
    label = _label(backup)
    verify(backup)
    supervisor = Supervisor(home)
    with locked_home(home), stopping_on_signals():
        try:
            postgres = Postgres(home, data=RESTORING)
            _unpack(postgres, backup, recovery_settings(archive, to_the_end=to_the_end))
            supervisor.start(postgres.part())
            _wait(postgres)
            postgres.set_up()
            end = _shut(postgres, label)
        finally:
            supervisor.stop()
        if archive is not None:
            leave_to_archive(postgres.data, archive)
            postgres.own_all(postgres.data / "pg_wal")
        _take_its_place(postgres)
    return end


def _label(backup: Path) -> str:
    try:
        return str(json.loads((backup / LABEL).read_text(encoding="utf-8"))["label"])
    except (OSError, ValueError, KeyError) as error:
        raise EmbeddedError(f"{backup} is no backup of `civis backup`: {error}") from error


def _unpack(postgres: Postgres, backup: Path, recovery: str) -> None:
    data = postgres.data
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700, parents=True)
    _extract(backup / WITHIN / BASE, data)
    _extract(backup / WITHIN / LOG, data / "pg_wal")
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.write(recovery)
    (data / "recovery.signal").touch()
    postgres.own_all(data)
    postgres.prepare()


def _take_its_place(restored: Postgres) -> None:
    """Between the two renames nothing is there, and nothing starts."""
    place = Postgres(restored.home).data
    if place.exists():
        place.rename(restored.folder / f"{LOST}{time.time_ns()}")
        sync_folder(restored.folder)
    restored.data.rename(place)
    sync_folder(restored.folder)


def _extract(file: Path, folder: Path) -> None:
    """Files and folders, nothing else: a Python before 3.11.4 has no filter that sees to it.

    Raises EmbeddedError."""
    with tarfile.open(file) as packed:
        packed.extraction_filter = getattr(tarfile, "data_filter", None)
        other = [one.name for one in packed if not _is_within(one)]
        if other:
            raise EmbeddedError(f"{file} holds {other[0]}, which is no file of a database.")
        packed.extractall(folder)  # noqa: S202 - looked at above
    os.chmod(folder, 0o700)  # noqa: PTH101 - PostgreSQL takes no folder that others may enter


def _is_within(one: tarfile.TarInfo) -> bool:
    path = PurePosixPath(one.name)
    return (one.isreg() or one.isdir()) and not (path.is_absolute() or ".." in path.parts)


def _wait(postgres: Postgres) -> None:
    """Until the log's end is reached and the server takes writes."""
    with postgres.connect("postgres") as connection:
        while True:
            row = connection.execute("select pg_is_in_recovery()").fetchone()
            if row == (False,):
                return
            time.sleep(_POLL)


def _shut(postgres: Postgres, label: str) -> Replayed:
    database = Database(postgres.url(DatabaseRole.APP, DATABASE), name="civis-restore")
    try:
        with database.transaction() as session:
            end = shut_doors(session, label, Clock().now(session)).log_end
            return Replayed(end, session.scalar(select(func.pg_last_xact_replay_timestamp())))
    finally:
        database.dispose()
