"""The commands `civis seed` and `civis demo`."""

from __future__ import annotations

import os
import signal

import click

from app.config import Settings
from app.embedded.supervisor import Stopped, stopping_on_signals
from app.lifeline import die_with_parent


@click.command()
def seed() -> None:
    """Make the simulated city in a running demo, or what is missing of it."""
    from app.demo.seed import seed as seed_city  # noqa: PLC0415 - heavy

    seed_city(Settings.from_env(os.environ), click.echo)


@click.command()
@click.option("--end-with-parent", is_flag=True, help="End when the starting process is gone.")
def demo(end_with_parent: bool) -> None:
    """Walk a city's whole first day in a fresh temporary home; exit 0 only if the audit agrees."""
    from app.demo.first_day import DemoFailedError, first_day  # noqa: PLC0415 - heavy

    if end_with_parent:
        die_with_parent(signal.SIGTERM)
    try:
        with stopping_on_signals():
            first_day(click.echo)
    except Stopped:
        raise DemoFailedError("The demo was interrupted.") from None
