"""Deployment of the contracts and the wiring of their roles, by a key that keeps no right.

Afterwards ADMIN is with the timelock alone, which the quorum alone can ask, and every other role
with the keys given. All transactions are signed here with consecutive nonces and sent without
waiting, since addresses follow from nonces; the result is returned only when every one of them
succeeded. A deployment that breaks off leaves contracts that nothing refers to: start again with
the same or another key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3 import Web3
from web3.contract import Contract

from app.chain.contracts.artifacts import CONTRACTS, PLACES, SINGLE, load_roles
from app.chain.deploying.deployer import Deployer, DeploymentFailedError
from app.chain.deploying.record import Deployment

__all__ = ["Deployment", "DeploymentFailedError", "Limits", "RoleKeys", "deploy"]

ADMIN = 0
ACTIVE = 1  # of an acceptor's states
NOBODY = to_checksum_address("0x" + "00" * 20)


@dataclass(frozen=True)
class RoleKeys:
    """Addresses by role. Two treasurers and two officers at least, or nobody confirms."""

    minters: tuple[str, ...]
    settlers: tuple[str, ...]
    burners: tuple[str, ...]
    treasurers: tuple[str, ...]
    officers: tuple[str, ...]
    registrars: tuple[str, ...]
    pausers: tuple[str, ...]
    unpausers: tuple[str, ...]
    acceptors: tuple[str, ...]
    members: tuple[str, ...]  # of the quorum, whose decisions alone reach the timelock

    def by_role(self) -> dict[str, tuple[str, ...]]:
        """Addresses by the name of the role that the manager gives them."""
        names = [entry.name for entry in fields(self)]
        roles = [name for name in names if name not in ("acceptors", "members")]
        return {name.removesuffix("s").upper(): getattr(self, name) for name in roles}


@dataclass(frozen=True)
class Limits:
    """Amounts in cents, delays in seconds."""

    quorum: int = 2  # members who must agree
    daily_ceiling: int = 5_000_000  # minted per programme and UTC day
    daily_pay_out: int = 10_000_000  # over all programmes and a UTC day
    timelock_delay: int = 48 * 3600
    unpause_delay: int = 24 * 3600
    target_admin_delay: int = 48 * 3600


@dataclass(frozen=True)
class _Plan:
    keys: RoleKeys
    limits: Limits
    salt: bytes
    folder: Path


def deploy(
    web3: Web3,
    *,
    deployer_key: str,
    keys: RoleKeys,
    salt: bytes,
    limits: Limits | None = None,
    folder: Path = CONTRACTS,
    timeout: float = 120.0,
    gas_price: int = 0,
) -> Deployment:
    """Deploys and wires everything; `salt` is the genesis hash, which all signatures name.

    `timeout`: seconds to wait for a receipt. Raises DeploymentFailedError, web3's TimeExhausted,
    or the node's refusal.
    """
    plan = _Plan(keys, limits or Limits(), salt, folder)
    sender = Deployer(web3, Account.from_key(deployer_key), folder, gas_price)
    contracts = _create_contracts(sender, plan)
    _wire(sender, contracts, plan)
    receipts = sender.finish(timeout)
    places: dict[str, Any] = {PLACES[name]: one.address for name, one in contracts.items()}
    return Deployment(
        chain_id=sender.chain_id,
        genesis_hash="0x" + salt.hex(),
        block_number=receipts[0]["blockNumber"],
        **places,
    )


def _create_contracts(sender: Deployer, plan: _Plan) -> dict[str, Contract]:
    limits = plan.limits
    manager = sender.create("AccessManager", sender.account.address)
    authority = manager.address
    quorum = sender.create("Quorum", _checksummed(plan.keys.members), limits.quorum)
    timelock = sender.create(
        "TimelockController", limits.timelock_delay, [quorum.address], [NOBODY], NOBODY
    )
    programmes = sender.create("Programmes", authority)
    payees = sender.create("Payees", authority, programmes.address, limits.daily_pay_out)
    desk = sender.create("PaymentDesk", authority, programmes.address, payees.address, plan.salt)
    return {
        "AccessManager": manager,
        "TimelockController": timelock,
        "Programmes": programmes,
        "Payees": payees,
        "ActionRegistry": sender.create(
            "ActionRegistry", authority, programmes.address, limits.daily_ceiling, NOBODY
        ),
        "Attesters": sender.create("Attesters", authority, plan.salt),
        "PaymentDesk": desk,
        "Recovery": sender.create(
            "Recovery", authority, programmes.address, desk.address, plan.salt
        ),
        "Anchor": sender.create("Anchor", authority),
        "Quorum": quorum,
        "Delegation": sender.create("Delegation", authority, timelock.address),
    }


def _wire(sender: Deployer, contracts: dict[str, Contract], plan: _Plan) -> None:
    """Gives roles, movers and acceptors their rights, then the deployer's own away."""
    manager = contracts["AccessManager"]
    sender.call(manager, "multicall", _manager_calls(manager, contracts, plan))
    for name, kinds in load_roles(plan.folder).movers.items():
        sender.call(contracts["Programmes"], "setMover", contracts[name].address, kinds)
    for acceptor in _checksummed(plan.keys.acceptors):
        sender.call(contracts["PaymentDesk"], "setAcceptor", acceptor, ACTIVE)
    sender.call(manager, "grantRole", ADMIN, contracts["TimelockController"].address, 0)
    sender.call(manager, "renounceRole", ADMIN, sender.account.address)


def _manager_calls(manager: Contract, contracts: dict[str, Contract], plan: _Plan) -> list[str]:
    """The manager's calls that give functions to roles and roles to keys."""
    roles = load_roles(plan.folder)
    calls: list[tuple[str, list[Any]]] = [
        ("labelRole", [number, role]) for role, number in roles.ids.items() if number != ADMIN
    ]
    for name in SINGLE:
        address = contracts[name].address
        for signature, role in roles.restricted(name).items():
            selector = keccak(text=signature)[:4]
            calls.append(("setTargetFunctionRole", [address, [selector], roles.ids[role]]))
        calls.append(("setTargetAdminDelay", [address, plan.limits.target_admin_delay]))
    for role, addresses in plan.keys.by_role().items():
        delay = plan.limits.unpause_delay if role == "UNPAUSER" else 0
        for holder in _checksummed(addresses):
            calls.append(("grantRole", [roles.ids[role], holder, delay]))
    return [manager.encode_abi(function, args=arguments) for function, arguments in calls]


def _checksummed(addresses: Iterable[str]) -> list[ChecksumAddress]:
    return [to_checksum_address(address) for address in addresses]
