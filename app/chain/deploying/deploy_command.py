"""`civis deploy`: the contracts on a city's own chain, once, by the signer's system user.

The record is the only thing that says where the contracts stand, so a second deployment beside
it would split the city's books in two: a chain that holds a complete one already is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict

import click
from web3 import Web3

from app.as_json import AS_JSON, answer, progress
from app.chain.deploying.first_deployment import FAULTS, deploy_and_keep, first_node, role_keys
from app.chain.deploying.record import Deployment
from app.chain.deploying.role_keys import ensure_role_keys, read_deployer_key
from app.chain.errors import RangeTooLarge
from app.chain.rpc.client import ChainClient
from app.chain.typed import address_of, keccak
from app.config import ConfigError, Settings

RECEIPT_SECONDS = 300.0
LABELLED = "0x" + keccak(b"RoleLabel(uint64,string)").hex()
REVOKED = "0x" + keccak(b"RoleRevoked(uint64,address)").hex()
ADMIN = "0x" + "00" * 32  # whom a deployment gives up last
_LABEL = b"MINTER"  # the name that ours alone gives to a role


@click.command()
@click.option(
    "--beside-another", is_flag=True, help="Though a complete deployment stands on this chain."
)
@AS_JSON
def command(*, beside_another: bool, as_json: bool) -> None:
    """Deploy the contracts on the chain of CHAIN_RPC_URLS, make the signer's role keys, and
    write the record of where everything stands (CHAIN_DEPLOYMENT). Once for a city."""
    settings = Settings.from_env(os.environ)
    _check_first(settings)
    steps = _Steps(settings, progress(as_json=as_json))
    try:
        deployment = steps.run(beside_another=beside_another)
    except FAULTS as error:
        raise ConfigError(f"Nothing was recorded. {type(error).__name__}: {error}") from error
    answer(asdict(deployment), as_json=as_json)


def _check_first(settings: Settings) -> None:
    if settings.embedded:
        raise ConfigError(
            "Set DATABASE_URL and CHAIN_RPC_URLS: `civis run` deploys on its own chain itself."
        )
    if settings.deployment_file.exists():
        raise ConfigError(
            f"{settings.deployment_file} holds a deployment already: contracts are deployed once. "
            "For another city set another CHAIN_DEPLOYMENT and CIVIS_HOME."
        )


class _Steps:
    """The steps in order; each says what it found or did."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self.settings, self._say = settings, say

    def run(self, *, beside_another: bool) -> Deployment:
        web3 = self._node()
        if not beside_another:
            self._refuse_second(web3)
        addresses = ensure_role_keys(self.settings.home)
        self._say(f"role keys: {len(addresses)} in {self.settings.home / 'signer' / 'keys'}")
        key = read_deployer_key(self.settings.deployer_key_file)
        self._say(f"deploying as {address_of(key)}, which keeps no right")
        deployment = deploy_and_keep(
            web3, self.settings, role_keys(addresses), key, RECEIPT_SECONDS
        )
        self._say(f"deployed and final, first block {deployment.block_number}")
        self._say(f"record: {self.settings.deployment_file}; web, workers and gateway read it")
        return deployment

    def _node(self) -> Web3:
        web3 = first_node(self.settings)
        genesis = bytes(web3.eth.get_block(0)["hash"]).hex()
        self._say(f"chain {web3.eth.chain_id}, genesis 0x{genesis}")
        return web3

    def _refuse_second(self, web3: Web3) -> None:
        if (found := complete_deployment(web3, self.settings)) is not None:
            raise ConfigError(
                f"This chain holds a complete deployment, with its access manager at {found}: "
                "restore its record from a backup into CHAIN_DEPLOYMENT. If it is another "
                "city's, or broke off before its record was written, say --beside-another."
            )
        self._say("no complete deployment stands on this chain yet")


def complete_deployment(web3: Web3, settings: Settings) -> str | None:
    """The access manager of a deployment that came to its end: it named its roles as ours, and
    its deployer gave ADMIN up."""
    client = ChainClient(
        settings.chain_rpc_urls,
        chain_id=web3.eth.chain_id,
        genesis_hash=bytes(web3.eth.get_block(0)["hash"]),
        tokens=settings.chain_rpc_tokens,
    )
    try:
        named = _emitters(client, settings, (LABELLED,), _LABEL)
        ended = _emitters(client, settings, (REVOKED, ADMIN), b"") if named else set()
    finally:
        client.close()
    return min(named & ended, default=None)


def _emitters(
    client: ChainClient, settings: Settings, topics: tuple[str, ...], within: bytes
) -> set[str]:
    """Addresses that logged this, over the whole chain; smaller steps where a node wants them."""
    found, first, last, step = set[str](), 0, client.head().number, settings.chain.log_range
    while first <= last:
        try:
            logs = client.logs(first, min(first + step - 1, last), None, topics)
        except RangeTooLarge:
            if step == 1:
                raise
            step = max(step // 2, 1)
            continue
        found |= {log.address for log in logs if within in log.data}
        first += step
    return found
