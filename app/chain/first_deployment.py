"""The first day of an embedded chain: role keys are made, contracts deployed, addresses kept.

The file is written only when the contracts' blocks are final, so a chain that comes back from
its last stored block always holds what the file names. Killed before that, it starts again: what
an unfinished deployment left on the chain is referred to by nothing.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict

from web3 import HTTPProvider, Web3

from app.chain.deploy import Deployment, RoleKeys, deploy
from app.chain.role_keys import DEPLOYER, ensure_role_keys, role_key
from app.config import Settings
from app.keyfiles import write_private

TIMEOUT = 60.0


def deploy_embedded(settings: Settings) -> Deployment:
    """Deploys once and writes `deployment_file`.

    Raises DeploymentFailedError, or TimeoutError when the chain stands still.
    """
    addresses = ensure_role_keys(settings.home)
    web3 = Web3(HTTPProvider(settings.chain_rpc_urls[0]))
    deployment = deploy(
        web3,
        deployer_key="0x" + role_key(settings.home, DEPLOYER).hex(),
        keys=role_keys(addresses),
        salt=bytes(web3.eth.get_block(0)["hash"]),
        timeout=TIMEOUT,
    )
    _wait_until_final(web3, web3.eth.block_number + settings.chain.finality_depth)
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


def _wait_until_final(web3: Web3, height: int) -> None:
    deadline = time.monotonic() + TIMEOUT
    while web3.eth.block_number < height:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the chain does not reach block {height}")
        time.sleep(0.2)
