"""The commands `civis seed` and `civis demo`."""

from __future__ import annotations

import os

import click

from app.config import Settings
from app.demo.seed import seed as seed_city


@click.command()
def seed() -> None:
    """Make the simulated city in a running demo, or what is missing of it."""
    seed_city(Settings.from_env(os.environ), click.echo)
