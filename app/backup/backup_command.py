"""`civis backup`: database, keys and artefacts, each into a folder apart from the others."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from app.as_json import AS_JSON, answer
from app.backup.making import (
    add_to,
    back_up_database,
    back_up_keys,
    copy_record,
    destroyed_keys,
)
from app.config import ConfigError, Settings
from app.running import Running

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--to", "database", type=_FOLDER, help="The database's backups: one folder each.")
@click.option("--keys-to", "keys", type=_FOLDER, help="The keys as they are now; earlier ones go.")
@click.option(
    "--artefacts-to", "artefacts", type=_FOLDER, help="Artefacts and journal, added to; record."
)
@AS_JSON
def command(
    *, database: Path | None, keys: Path | None, artefacts: Path | None, as_json: bool
) -> None:
    """Back up a running embedded system, whole or in part; an external database has its own means
    (see the operators' guide)."""
    settings = Settings.from_env(os.environ)
    _check_apart([one.absolute() for one in (database, keys, artefacts) if one])
    told: dict[str, object] = {}
    if database is not None:
        told["database"] = _database(settings, database.absolute())
    if artefacts is not None:  # after it: what the database names must be there
        told["artefacts"] = add_to(settings.kept.artefacts, artefacts / "artefacts")
        told["journal"] = add_to(settings.kept.journal, artefacts / "journal")
        told["record"] = copy_record(settings.deployment_file, artefacts)
    missing: tuple[str, ...] = ()
    if keys is not None:
        made = back_up_keys(settings.home, keys.absolute(), destroyed_keys(settings.kept.journal))
        told["keys"], missing = made.files, made.missing
    answer(told, *(f"{k}: {v}" for k, v in told.items()), as_json=as_json)
    if missing:
        raise ConfigError(
            f"The keys' copy alone has {', '.join(missing)}, and the journal doesn't say that they "
            "were destroyed: is the folder mounted? Bring them back; nothing was taken from the "
            "copy."
        )


def _database(settings: Settings, target: Path) -> str:
    if not settings.embedded:
        raise ConfigError(
            "Back an external PostgreSQL up by its own means, base backup and archived log: see "
            "docs/operators/backup.md."
        )
    running = Running.read(settings.home)
    if running is None:
        raise ConfigError(Running.missing(settings.home))
    archive, port = settings.kept.log_archive, running.database_port
    made = back_up_database(settings.home, port, target, datetime.now(UTC), archive)
    return made.database


def _check_apart(folders: list[Path]) -> None:
    """Who gets hold of one must not have the others. Raises ConfigError."""
    if not folders:
        raise ConfigError("Say where to: --to, --keys-to, --artefacts-to, or some of them.")
    for one in folders:
        for other in folders:
            if one is not other and (one == other or one in other.parents):
                raise ConfigError(f"{other} lies in {one}: keep the three apart.")
