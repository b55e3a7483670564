"""`civis migrate`: brings the database to this version, before web and workers start."""

from __future__ import annotations

import os

import click

from app.as_json import AS_JSON, answer
from app.config import DatabaseRole, Settings
from app.migrations import pending, upgrade


@click.command()
@AS_JSON
def migrate(as_json: bool) -> None:
    """Bring the database to this version's tables; safe to repeat."""
    url = Settings.from_env(os.environ).database_url(DatabaseRole.MIGRATOR)
    changed = pending(url)
    upgrade(url)
    words = "The tables were renewed." if changed else "The tables are up to date."
    answer({"changed": changed}, words, as_json=as_json)
