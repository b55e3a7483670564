"""The commands `civis network …`."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import click

from app.as_json import AS_JSON, answer
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
@AS_JSON
def key(*, file: Path, as_json: bool) -> None:
    """Make a node's key in FILE and print what the others may know of it."""
    made = make_key(file)
    answer(
        {"node_id": made.node_id, "address": made.address, "file": str(file)},
        f'node_id = "{made.node_id}"',
        f"It seals blocks as {made.address}. The key itself stays in {file}.",
        as_json=as_json,
    )


@network.command("token-key")
@click.argument("file", type=click.Path(path_type=Path))
@AS_JSON
def token_key(*, file: Path, as_json: bool) -> None:
    """Make the key of a node that answers Civis: its tokens are signed with FILE."""
    public = make_token_key(file)
    said = {"file": str(file), "public": str(public)}
    answer(said, f"Tokens are signed with {file}. The node reads {public}.", as_json=as_json)


@network.command()
@click.argument("key", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--days", default=90, type=click.IntRange(1, 400), help="How long it is good for.")
@AS_JSON
def token(*, key: Path, file: Path, days: int, as_json: bool) -> None:
    """Sign a token with KEY into FILE, for CHAIN_RPC_TOKEN_FILES."""
    ends = make_token(key, file, days)
    answer(
        {"file": str(file), "ends_at": ends.isoformat()},
        f"{file}: for {days} days. Renewed in its place, it is read without a restart.",
        as_json=as_json,
    )


@network.command("senders")
@AS_JSON
def print_senders(*, as_json: bool) -> None:
    """Print the addresses that send to the chain, for MEMBERS; as the signer's system user.

    Keys that are missing are made, as `civis deploy` makes them.
    """
    settings = Settings.from_env(os.environ)
    addresses = ensure_role_keys(settings.home)
    addresses[DEPLOYER] = address_of(read_deployer_key(settings.deployer_key_file))
    senders = {role: addresses[role] for role in (*SENDERS, *MEMBERS, DEPLOYER)}
    lines = [f'  "{address}",  # {role}' for role, address in senders.items()]
    answer(senders, "senders = [", *lines, "]", as_json=as_json)


@network.command()
@click.argument("members", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--genesis",
    type=click.Path(path_type=Path),
    help="genesis.json of the network that runs, when its members have changed.",
)
@AS_JSON
def init(*, members: Path, folder: Path, genesis: Path | None, as_json: bool) -> None:
    """Write Besu's files for each of MEMBERS (docs/network) into FOLDER."""
    plan, senders = read_plan(members)
    first = None if genesis is None else read_first(genesis, plan)
    write_kit(plan, senders, folder, first)
    nodes, validators, weak = len(plan.bodies), len(plan.validators), warnings(plan)
    answer(
        {"folder": str(folder), "nodes": nodes, "validators": validators, "warnings": weak},
        f"{nodes} nodes, {validators} of them validators: {folder}",
        *(f"Mind: {one}" for one in weak),
        as_json=as_json,
    )


@network.command()
@click.option("--candidates", default=0, help="Nodes that are ready to be voted in, in a new home.")
@click.option("--end-with-parent", is_flag=True, help="End when the starting process is gone.")
@AS_JSON
def run(*, candidates: int, end_with_parent: bool, as_json: bool) -> None:
    """Start four validators, two nodes that answer, and the whole system on them.

    By --json what is said is as of `civis run`.
    """
    if end_with_parent:
        die_with_parent(signal.SIGTERM)
    say = partial(answer, as_json=as_json)
    run_all(embedded_settings, say, partial(network_chain, candidates=candidates))
