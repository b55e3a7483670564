"""The command `civis run`."""

from __future__ import annotations

import os
import signal
from functools import partial

import click

from app.as_json import AS_JSON, answer
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
@AS_JSON
def run(*, end_with_parent: bool, as_json: bool) -> None:
    """Start the whole system on this machine, with a demo city, until it is interrupted.

    By --json each line is an object with its `event`: `step` with what took how long; `ready` with
    `url`, `gateway`, whether the doors are `shut`, and of a demo how to `sign_in`; `restarted`
    with the `name` of a part that died, and how it `ended`; `stopping`.
    """
    if end_with_parent:
        die_with_parent(signal.SIGTERM)
    run_all(embedded_settings, partial(answer, as_json=as_json))
