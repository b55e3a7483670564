"""`civis migrate`: brings the database to this version, before web and workers start."""

from __future__ import annotations

import json
import os

import click

from app.config import DatabaseRole, Settings
from app.migrations import pending, upgrade


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
def migrate(as_json: bool) -> None:
    """Bring the database to this version's tables; safe to repeat."""
    url = Settings.from_env(os.environ).database_url(DatabaseRole.MIGRATOR)
    changed = pending(url)
    upgrade(url)
    if as_json:
        click.echo(json.dumps({"changed": changed}))
    else:
        click.echo("The tables were renewed." if changed else "The tables are up to date.")
