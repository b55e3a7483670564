"""What the commands of `civis outbox` have in common."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from sqlalchemy.orm import Session

from app.chain.contracts.artifacts import PLACES, SINGLE
from app.chain.deploying.generations import others_in
from app.chain.edge import Edge
from app.chain.rpc.client import ChainClient
from app.config import ConfigError, Settings
from app.doors import check_doors
from app.outbox.operator import By, NotPossibleError
from app.recovery.moves import ABOUT, ON_FAILURE
from app.services import Services, connect

REASON = click.option("--reason", required=True, help="Why; it stays on record with your name.")


@contextmanager
def connected() -> Iterator[Services]:
    """A refusal is a sentence."""
    parts = connect(Settings.from_env(os.environ), name="civis outbox")
    try:
        yield parts
    except NotPossibleError as error:
        raise ConfigError(str(error)) from error
    finally:
        parts.database.dispose()


@contextmanager
def work() -> Iterator[tuple[Services, Session, datetime]]:
    """The same in one transaction."""
    with connected() as parts, parts.database.transaction() as session:
        yield parts, session, parts.clock.now(session)


@contextmanager
def deed() -> Iterator[tuple[Services, Session, datetime]]:
    """The same for what changes something: refused while a restore is under way."""
    with work() as (parts, session, now):
        check_doors(session)
        yield parts, session, now


def edge_of(parts: Services) -> Edge:
    """To ask the chain, and to write down what it says. Raises NotPossibleError."""
    try:
        stored = json.loads(parts.settings.deployment_file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotPossibleError(f"The chain must be asked first, and can't be: {error}") from error
    genesis = bytes.fromhex(stored["genesis_hash"].removeprefix("0x"))
    urls = parts.settings.chain_rpc_urls
    tokens = parts.settings.chain_rpc_tokens
    client = ChainClient(urls, chain_id=stored["chain_id"], genesis_hash=genesis, tokens=tokens)
    return Edge(
        database=parts.database,
        clock=parts.clock,
        client=client,
        signer=parts.signer,
        addresses={name: stored[PLACES[name]] for name in SINGLE},
        others=others_in(stored),
        first_block=stored["block_number"],
        chain=parts.settings.chain,
        gas_price=parts.settings.chain.gas_price,
        artefacts=parts.settings.kept.artefacts,
        about=ABOUT,
        on_failure=ON_FAILURE,
    )


def by_whom(reason: str) -> By:
    if not reason.strip():
        raise ConfigError("Give a reason: it stays on record.")
    return By(os.environ.get("SUDO_USER") or getpass.getuser(), reason.strip()[:500])
