"""The command `civis network`."""

from __future__ import annotations

import signal
from functools import partial

import click

from app.embedded.command import embedded_settings
from app.embedded.run import run as run_all
from app.lifeline import die_with_parent
from app.network.chain import network_chain


@click.group()
def network() -> None:
    """A network of several validators on this machine, to try Civis on."""


@network.command()
@click.option("--candidates", default=0, help="Nodes that are ready to be voted in, in a new home.")
@click.option("--end-with-parent", is_flag=True, help="End when the starting process is gone.")
def run(candidates: int, end_with_parent: bool) -> None:
    """Start four validators, two nodes that answer, and the whole system on them."""
    if end_with_parent:
        die_with_parent(signal.SIGTERM)
    run_all(embedded_settings, click.echo, partial(network_chain, candidates=candidates))
