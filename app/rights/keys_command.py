"""`civis keys`: who keeps the key files, another keeper for them, and a fresh key at once."""

from __future__ import annotations

import os

import click

from app.as_json import AS_JSON, answer
from app.config import Settings
from app.privacy.keys import Keyring
from app.privacy.retention import rotate_epochs
from app.services import connect_to_change


@click.group()
def command() -> None:
    """The keys that wrap people's data: who keeps them, and changing that while all runs."""


@command.command("list")
@AS_JSON
def listed(*, as_json: bool) -> None:
    """Each key file and its keeper; no key is shown."""
    kept = _keyring().kept()
    lines = [f"{name:16} {keeper}" for name, keeper in kept.items()]
    answer(kept, *lines, as_json=as_json)


@command.command()
@AS_JSON
def move(*, as_json: bool) -> None:
    """Have KEY_KEEPER wrap every file that another keeper, or an earlier key, wrote."""
    keyring = _keyring()
    moved = keyring.move()
    keeper, names = keyring.kind.value, ", ".join(moved) or "nothing was left to move"
    said = {"keeper": keeper, "moved": moved}
    answer(said, f"Kept by {keeper} now: {names}.", as_json=as_json)


@command.command()
@AS_JSON
def fresh(*, as_json: bool) -> None:
    """Make another key for this month and wrap everybody's keys under it.

    The earlier ones stay until the month's are destroyed: letters and answers need them.
    """
    parts = connect_to_change(Settings.from_env(os.environ), name="civis keys")
    with parts.database.session() as session:
        now = parts.clock.now(session)
        epoch = parts.keyring.fresh_epoch(now)
        done = rotate_epochs(session, now)
    parts.database.dispose()
    answer(
        {"epoch": epoch, "rewrapped": done.rewrapped},
        f"{epoch}: {done.rewrapped} people's keys are wrapped under it.",
        as_json=as_json,
    )


def _keyring() -> Keyring:
    settings = Settings.from_env(os.environ)
    return Keyring(settings.home, settings.key_keeping)
