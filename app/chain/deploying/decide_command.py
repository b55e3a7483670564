"""`civis decide`: a member of the quorum reads a decision, and carries it one step on."""

from __future__ import annotations

import os
from pathlib import Path

import click
from eth_abi.exceptions import EncodingError

from app.as_json import AS_JSON, answer
from app.chain.deploying.deciding import next_step, ready_at, take_step
from app.chain.deploying.decisions import Decision
from app.chain.deploying.deploy_command import RECEIPT_SECONDS
from app.chain.deploying.first_deployment import FAULTS, first_node
from app.chain.deploying.role_keys import read_deployer_key
from app.chain.typed import address_of
from app.config import ConfigError, Settings
from app.doors import check_doors_of


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Mode 600, 64 hexadecimal digits: your key. Without it nothing is sent.",
)
@AS_JSON
def command(*, file: Path, key_file: Path | None, as_json: bool) -> None:
    """Show the decision in FILE and what comes next; with a member's key, do that."""
    settings = Settings.from_env(os.environ)
    if key_file is not None:
        check_doors_of(settings)
    decision = _read(file)
    calls = [act.in_words() for act in decision.acts]
    if not as_json:
        many = "1 call" if len(calls) == 1 else f"{len(calls)} calls, all or none"
        click.echo(f"{many}, after {decision.delay} seconds:")
        click.echo("\n".join(f"- {call}" for call in calls))
    web3 = first_node(settings)
    if web3.eth.chain_id != decision.chain_id:
        raise ConfigError("The decision is about another chain than that of CHAIN_RPC_URLS.")
    said = {"about": decision.about, "id": "0x" + decision.id().hex()}
    try:
        if key_file is not None:
            key = read_deployer_key(key_file)
            said |= {"by": address_of(key)}
            price = settings.chain.gas_price
            done = take_step(web3, decision, key, RECEIPT_SECONDS, gas_price=price)
            said |= {"done": done.value}
        said |= {"next": next_step(web3, decision, said.get("by", decision.quorum)).value}
        if (at := ready_at(web3, decision)) is not None:
            said |= {"from": at.isoformat()}
    except FAULTS as error:
        raise ConfigError(f"{type(error).__name__}: {error}") from error
    document = {**said, "seconds": decision.delay, "calls": calls}
    answer(document, *(f"{k}: {v}" for k, v in said.items()), as_json=as_json)


def _read(file: Path) -> Decision:
    """Raises ConfigError for what can't be encoded as the calls that it says."""
    try:
        decision = Decision.of_json(file.read_text("utf-8"))
        decision.asked()
    except (ValueError, TypeError, KeyError, EncodingError) as error:
        raise ConfigError(f"{file} is no decision: {error}") from error
    return decision
