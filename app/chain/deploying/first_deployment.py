"""The first day of a chain: role keys are made, contracts deployed, addresses kept.

The file is written only when the contracts' blocks are final, so a chain that comes back from
its last stored block always holds what the file names. Killed before that, an embedded system
starts again: what an unfinished deployment left on the chain is referred to by nothing.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

from web3 import HTTPProvider, Web3
from web3.exceptions import Web3Exception
from web3.middleware import ExtraDataToPOAMiddleware

from app.chain.contracts.artifacts import CONTRACTS
from app.chain.deploying.deploy import DeploymentFailedError, RoleKeys, deploy
from app.chain.deploying.record import Deployment
from app.chain.deploying.role_keys import DEPLOYER, MEMBERS, SENDERS, ensure_role_keys, role_key
from app.chain.errors import ChainError
from app.config import ConfigError, Settings
from app.keyfiles import write_private

TIMEOUT = 60.0
FAULTS = (ChainError, DeploymentFailedError, Web3Exception, OSError)  # OSError: no node


def deploy_embedded(settings: Settings, folder: Path = CONTRACTS) -> Deployment:
    """Deploys once and writes `deployment_file`; `folder` holds the artifacts.

    Raises DeploymentFailedError, or TimeoutError when the chain stands still.
    """
    addresses = ensure_role_keys(settings.home)
    return deploy_and_keep(
        connect(settings, settings.chain_rpc_urls[0]),
        settings,
        role_keys(addresses),
        role_key(settings.home, DEPLOYER),
        TIMEOUT,
        folder=folder,
    )


def connect(settings: Settings, url: str) -> Web3:
    """Raises KeyFileError when the node's token can't be read."""
    headers = {"Content-Type": "application/json", **settings.chain_rpc_tokens.headers(url)}
    web3 = Web3(HTTPProvider(url, request_kwargs={"headers": headers}))
    if settings.chain.long_extra_data:  # validators' seals, which web3 takes for a fault
        web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    return web3


def first_node(settings: Settings) -> Web3:
    """The first that answers. Raises ConfigError."""
    failure = ""
    for url in settings.chain_rpc_urls:
        web3 = connect(settings, url)
        try:
            web3.eth.get_block(0)
        except (OSError, Web3Exception) as error:
            failure = type(error).__name__
        else:
            return web3
    raise ConfigError(f"No node of CHAIN_RPC_URLS answers ({failure}): start one.")


def deploy_and_keep(
    web3: Web3,
    settings: Settings,
    keys: RoleKeys,
    deployer_key: bytes,
    timeout: float,
    *,
    folder: Path = CONTRACTS,
) -> Deployment:
    """Deploys, waits until nothing of it can be taken back, and writes the record.

    Raises DeploymentFailedError, or TimeoutError when the chain stands still for `timeout`
    seconds.
    """
    deployment = deploy(
        web3,
        deployer_key="0x" + deployer_key.hex(),
        keys=keys,
        salt=bytes(web3.eth.get_block(0)["hash"]),
        folder=folder,
        timeout=timeout,
        gas_price=settings.chain.gas_price,
    )
    last = web3.eth.block_number + settings.chain.finality_depth
    wait_until_final(web3, last, timeout)
    write_private(settings.deployment_file, json.dumps(asdict(deployment)))
    return deployment


def role_keys(address: dict[str, str]) -> RoleKeys:
    """Who holds which role of the contracts; all by this server, which is said where shown."""
    return RoleKeys(
        minters=(address["minter"],),
        settlers=(address["settler"],),
        burners=(address["burner"],),
        treasurers=(address["treasurer_1"], address["treasurer_2"]),
        officers=tuple(address[name] for name, role in SENDERS.items() if role == "OFFICER"),
        registrars=(address["registrar"],),
        pausers=(address["pauser"],),
        unpausers=(address["unpauser"],),
        acceptors=(address["acceptor"],),
        members=tuple(address[name] for name in MEMBERS),
    )


def wait_until_final(web3: Web3, height: int, timeout: float) -> None:
    seen, deadline = web3.eth.block_number, time.monotonic() + timeout
    while seen < height:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the chain stands still and does not reach block {height}")
        time.sleep(0.2)
        if (now := web3.eth.block_number) > seen:
            seen, deadline = now, time.monotonic() + timeout
