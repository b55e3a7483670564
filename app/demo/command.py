"""The commands `civis seed` and `civis demo`."""

from __future__ import annotations

import os
import signal

import click

from app.as_json import AS_JSON, answer, progress
from app.config import Settings
from app.embedded.supervisor import Stopped, stopping_on_signals
from app.lifeline import die_with_parent


@click.command()
@AS_JSON
def seed(*, as_json: bool) -> None:
    """Make the simulated city in a running demo, or what is missing of it.

    By --json the seconds of each step, done or found done.
    """
    from app.demo.seed import seed as seed_city  # noqa: PLC0415 - heavy

    seconds = seed_city(Settings.from_env(os.environ), progress(as_json=as_json))
    answer({"seconds": seconds}, as_json=as_json)


@click.command()
@click.option("--end-with-parent", is_flag=True, help="End when the starting process is gone.")
@AS_JSON
def demo(*, end_with_parent: bool, as_json: bool) -> None:
    """Walk a city's whole first day in a fresh temporary home; exit 0 only if the audit agrees.

    By --json the figures that build/demo.json keeps.
    """
    from app.demo.first_day import DemoFailedError, first_day  # noqa: PLC0415 - heavy

    if end_with_parent:
        die_with_parent(signal.SIGTERM)
    try:
        with stopping_on_signals():
            figures = first_day(progress(as_json=as_json))
    except Stopped:
        raise DemoFailedError("The demo was interrupted.") from None
    answer(figures, as_json=as_json)
