"""`civis keys`: who keeps the key files, another keeper for them, and a fresh key at once."""

from __future__ import annotations

import json
import os

import click

from app.config import Settings
from app.privacy.keys import Keyring
from app.privacy.retention import rotate_epochs
from app.services import connect_to_change


@click.group()
def command() -> None:
    """The keys that wrap people's data: who keeps them, and changing that while all runs."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def listed(*, as_json: bool) -> None:
    """Each key file and its keeper; no key is shown."""
    kept = _keyring().kept()
    if as_json:
        click.echo(json.dumps(kept))
        return
    for name, keeper in kept.items():
        click.echo(f"{name:16} {keeper}")


@command.command()
def move() -> None:
    """Have KEY_KEEPER wrap every file that another keeper, or an earlier key, wrote."""
    keyring = _keyring()
    moved = keyring.move()
    names = ", ".join(moved) or "nothing was left to move"
    click.echo(f"Kept by {keyring.kind.value} now: {names}.")


@command.command()
def fresh() -> None:
    """Make another key for this month and wrap everybody's keys under it.

    The earlier ones stay until the month's are destroyed: letters and answers need them.
    """
    parts = connect_to_change(Settings.from_env(os.environ), name="civis keys")
    with parts.database.session() as session:
        now = parts.clock.now(session)
        epoch = parts.keyring.fresh_epoch(now)
        done = rotate_epochs(session, now)
    parts.database.dispose()
    click.echo(f"{epoch}: {done.rewrapped} people's keys are wrapped under it.")


def _keyring() -> Keyring:
    settings = Settings.from_env(os.environ)
    return Keyring(settings.home, settings.key_keeping)
