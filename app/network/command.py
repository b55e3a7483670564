"""The commands `civis network …`."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import click

from app.chain.deploying.role_keys import (
    DEPLOYER,
    MEMBERS,
    SENDERS,
    ensure_role_keys,
    read_deployer_key,
)
from app.chain.typed import address_of
from app.config import Settings
from app.embedded.command import embedded_settings
from app.embedded.run import run as run_all
from app.lifeline import die_with_parent
from app.network.besu import warnings
from app.network.chain import network_chain
from app.network.kit import make_key, read_first, read_plan, write_kit
from app.network.tokens import make_token, make_token_key


@click.group()
def network() -> None:
    """A network of several validators: on this machine to try it, or files for a real one."""


@network.command()
@click.argument("file", type=click.Path(path_type=Path))
def key(file: Path) -> None:
    """Make a node's key in FILE and print what the others may know of it."""
    made = make_key(file)
    click.echo(f'node_id = "{made.node_id}"')
    click.echo(f"It seals blocks as {made.address}. The key itself stays in {file}.")


@network.command("token-key")
@click.argument("file", type=click.Path(path_type=Path))
def token_key(file: Path) -> None:
    """Make the key of a node that answers Civis: its tokens are signed with FILE."""
    click.echo(f"Tokens are signed with {file}. The node reads {make_token_key(file)}.")


@network.command()
@click.argument("key", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--days", default=90, type=click.IntRange(1, 400), help="How long it is good for.")
def token(key: Path, file: Path, days: int) -> None:
    """Sign a token with KEY into FILE, for CHAIN_RPC_TOKEN_FILES."""
    make_token(key, file, days)
    click.echo(f"{file}: for {days} days. Renewed in its place, it is read without a restart.")


@network.command("senders")
def print_senders() -> None:
    """Print the addresses that send to the chain, for MEMBERS; as the signer's system user.

    Keys that are missing are made, as `civis deploy` makes them.
    """
    settings = Settings.from_env(os.environ)
    addresses = ensure_role_keys(settings.home)
    addresses[DEPLOYER] = address_of(read_deployer_key(settings.deployer_key_file))
    click.echo("senders = [")
    for role in (*SENDERS, *MEMBERS, DEPLOYER):
        click.echo(f'  "{addresses[role]}",  # {role}')
    click.echo("]")


@network.command()
@click.argument("members", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--genesis",
    type=click.Path(path_type=Path),
    help="genesis.json of the network that runs, when its members have changed.",
)
def init(members: Path, folder: Path, genesis: Path | None) -> None:
    """Write Besu's files for each of MEMBERS (docs/network) into FOLDER."""
    plan, senders = read_plan(members)
    first = None if genesis is None else read_first(genesis, plan)
    write_kit(plan, senders, folder, first)
    click.echo(f"{len(plan.bodies)} nodes, {len(plan.validators)} of them validators: {folder}")
    for warning in warnings(plan):
        click.echo(f"Mind: {warning}")


@network.command()
@click.option("--candidates", default=0, help="Nodes that are ready to be voted in, in a new home.")
@click.option("--end-with-parent", is_flag=True, help="End when the starting process is gone.")
def run(candidates: int, end_with_parent: bool) -> None:
    """Start four validators, two nodes that answer, and the whole system on them."""
    if end_with_parent:
        die_with_parent(signal.SIGTERM)
    run_all(embedded_settings, click.echo, partial(network_chain, candidates=candidates))
