"""`civis replace`: another desk or registry beside the one in force, and the record's change to it.

By the signer's system user, who made the first deployment. What gives the new one its rights is the
quorum's decision alone: this writes it down, and `civis decide` carries it on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import click
from web3 import Web3

from app.as_json import AS_JSON, answer
from app.chain.deploying.deploy_command import RECEIPT_SECONDS
from app.chain.deploying.first_deployment import FAULTS, first_node, wait_until_final
from app.chain.deploying.record import Deployment, read_record, write_record
from app.chain.deploying.replacing import (
    REPLACEABLE,
    NotReplacedError,
    check_in_force,
    decision,
    make_beside,
    other_at,
    put_in_force,
)
from app.chain.deploying.role_keys import ACCEPTOR, read_deployer_key, role_addresses
from app.config import ConfigError, Settings
from app.doors import check_doors_of


@click.group()
def command() -> None:
    """Put another PaymentDesk or ActionRegistry in the place of the one in force."""


@command.command()
@click.argument("contract", type=click.Choice(REPLACEABLE))
@click.option("--to", "file", type=click.Path(path_type=Path), required=True, help="A new file.")
@AS_JSON
def prepare(*, contract: str, file: Path, as_json: bool) -> None:
    """Deploy CONTRACT beside the one in force, name it in the record, and write the decision that
    the quorum must take."""
    settings = Settings.from_env(os.environ)
    if file.exists():
        raise ConfigError(f"{file} is there already: name another file.")
    with _in_words():
        web3, stands = _connected(settings)
        key = read_deployer_key(settings.deployer_key_file)
        price = settings.chain.gas_price
        made = make_beside(web3, stands, contract, key, RECEIPT_SECONDS, gas_price=price)
        last = web3.eth.block_number + settings.chain.finality_depth
        wait_until_final(web3, last, RECEIPT_SECONDS)
        acceptors = [role_addresses(settings.home)[ACCEPTOR]]
        decided = decision(web3, stands, made, acceptors)
        stands = replace(stands, others=(*stands.others, made))
        write_record(settings.deployment_file, stands)
        file.write_text(decided.to_json(), "utf-8")
    answer(
        asdict(made),
        f"{contract} {made.address} stands since block {made.block_number} and has no right yet",
        f"decision: {file}; each member reads it and runs `civis decide {file}`",
        as_json=as_json,
    )


@command.command()
@click.argument("address")
@AS_JSON
def finish(*, address: str, as_json: bool) -> None:
    """Name the contract at ADDRESS as the one in force, once the chain says so for good."""
    settings = Settings.from_env(os.environ)
    with _in_words():
        web3, stands = _connected(settings)
        made = other_at(stands, address)
        final = web3.eth.block_number - settings.chain.finality_depth
        check_in_force(web3, stands, made, max(final, 0))
        write_record(settings.deployment_file, put_in_force(stands, made))
    answer(
        asdict(made),
        f"{made.contract} {made.address} is in force; web, workers, signer and gateway read the"
        " record again by themselves",
        as_json=as_json,
    )


def _connected(settings: Settings) -> tuple[Web3, Deployment]:
    """A node, and the record of what stands on its chain. Raises NotReplacedError, ConfigError."""
    check_doors_of(settings)
    web3, stands = first_node(settings), read_record(settings.deployment_file)
    genesis = "0x" + bytes(web3.eth.get_block(0)["hash"]).hex()
    if (web3.eth.chain_id, genesis) != (stands.chain_id, stands.genesis_hash):
        raise NotReplacedError("The record and the node of CHAIN_RPC_URLS are of different chains.")
    return web3, stands


@contextmanager
def _in_words() -> Iterator[None]:
    """What went wrong, as a sentence."""
    try:
        yield
    except NotReplacedError as error:
        raise ConfigError(str(error)) from error
    except FAULTS as error:
        raise ConfigError(f"{type(error).__name__}: {error}") from error
