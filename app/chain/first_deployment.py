"""The first day of an embedded chain: role keys are made, contracts deployed, addresses kept.

Killed before the file is written, it starts again: what an unfinished deployment left on the
chain is referred to by nothing.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from web3 import HTTPProvider, Web3

from app.chain.deploy import Deployment, RoleKeys, deploy
from app.chain.role_keys import DEPLOYER, ensure_role_keys, role_key
from app.config import Settings
from app.keyfiles import write_private

TIMEOUT = 60.0


def deploy_embedded(settings: Settings) -> Deployment:
    """Deploys once and writes `deployment_file`. Raises DeploymentFailedError."""
    addresses = ensure_role_keys(settings.home)
    web3 = Web3(HTTPProvider(settings.chain_rpc_urls[0]))
    deployment = deploy(
        web3,
        deployer_key="0x" + role_key(settings.home, DEPLOYER).hex(),
        keys=role_keys(addresses),
        salt=bytes(web3.eth.get_block(0)["hash"]),
        timeout=TIMEOUT,
    )
    write_private(settings.deployment_file, json.dumps(asdict(deployment)))
    return deployment


def role_keys(address: dict[str, str]) -> RoleKeys:
    """Who holds which role of the contracts; all by this server, which is said where shown."""
    return RoleKeys(
        minters=(address["minter"],),
        settlers=(address["settler"],),
        burners=(address["burner"],),
        treasurers=(address["treasurer_1"], address["treasurer_2"]),
        officers=(address["officer"], address["officer_2"]),
        registrars=(address["registrar"],),
        pausers=(address["pauser"],),
        unpausers=(address["unpauser"],),
        acceptors=(address["acceptor"],),
        proposers=(address["proposer"],),
    )
