"""The command `civis run`."""

from __future__ import annotations

import os
import signal

import click

from app.config import Settings
from app.embedded.errors import EmbeddedError
from app.embedded.run import run as run_all
from app.lifeline import die_with_parent


def embedded_settings() -> Settings:
    settings = Settings.from_env(os.environ)
    if not settings.embedded:
        raise EmbeddedError(
            "`civis run` brings its own database and node: unset DATABASE_URL and CHAIN_RPC_URLS, "
            "or start web and workers as the operators' guide says."
        )
    return settings


@click.command()
@click.option("--end-with-parent", is_flag=True, help="End when the starting process is gone.")
def run(end_with_parent: bool) -> None:
    """Start the whole system on this machine, with a demo city, until it is interrupted."""
    if end_with_parent:
        die_with_parent(signal.SIGTERM)
    run_all(embedded_settings, click.echo)
