"""Deployment of the contracts and the wiring of their roles, by a key that keeps no right.

Afterwards ADMIN is with the timelock alone, every other role with the keys given. All transactions
are signed here with consecutive nonces and sent without waiting, since addresses follow from
nonces; the result is returned only when every one of them succeeded. A deployment that breaks off
leaves contracts that nothing refers to: start again with the same or another key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract
from web3.types import Nonce, TxReceipt, Wei
from web3.utils.address import get_create_address

from app.chain.artifacts import CONTRACTS, PLACES, SINGLE, load_artifact, load_roles

GAS = 8_000_000
ADMIN = 0
ACTIVE = 1  # of an acceptor's states
NOBODY = to_checksum_address("0x" + "00" * 20)


class DeploymentFailedError(Exception):
    """A transaction of the deployment was not accepted, or reverted."""


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
    proposers: tuple[str, ...]  # of the timelock, who alone leads to ADMIN

    def by_role(self) -> dict[str, tuple[str, ...]]:
        """Addresses by the name of the role that the manager gives them."""
        names = [entry.name for entry in fields(self)]
        roles = [name for name in names if name not in ("acceptors", "proposers")]
        return {name.removesuffix("s").upper(): getattr(self, name) for name in roles}


@dataclass(frozen=True)
class Limits:
    """Amounts in cents, delays in seconds."""

    daily_ceiling: int = 5_000_000  # minted per programme and UTC day
    daily_pay_out: int = 10_000_000  # over all programmes and a UTC day
    timelock_delay: int = 48 * 3600
    unpause_delay: int = 24 * 3600
    target_admin_delay: int = 48 * 3600


@dataclass(frozen=True)
class Deployment:
    """Where everything stands. `block_number`: the first block that can hold an event of ours."""

    chain_id: int
    genesis_hash: str
    block_number: int
    access_manager: str
    timelock: str
    programmes: str
    action_registry: str
    attesters: str
    payees: str
    payment_desk: str
    anchor: str

    def address_of(self, contract: str) -> ChecksumAddress:
        """Address of a contract by its name, as in `artifacts.PLACES`. KeyError if unknown."""
        return to_checksum_address(getattr(self, PLACES[contract]))


@dataclass
class _Sender:
    """Signs and sends from one key, counting nonces itself; `finish` waits for all receipts."""

    web3: Web3
    account: LocalAccount
    folder: Path
    chain_id: int = field(init=False)
    nonce: int = field(init=False)
    fee: Wei = field(init=False)
    sent: list[HexBytes] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.chain_id = self.web3.eth.chain_id
        self.nonce = self.web3.eth.get_transaction_count(self.account.address, "pending")
        self.fee = Wei(2 * self.web3.eth.get_block("latest").get("baseFeePerGas", Wei(0)))

    def create(self, name: str, *arguments: Any) -> Contract:
        """Deploys the contract `name`; gives it at the address that it will have."""
        artifact = load_artifact(name, self.folder)
        factory = self.web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
        address = get_create_address(self.account.address, Nonce(self.nonce))
        self._send(None, factory.constructor(*arguments).data_in_transaction)
        return self.web3.eth.contract(address=address, abi=artifact.abi)

    def call(self, contract: Contract, function: str, *arguments: Any) -> None:
        self._send(contract.address, contract.encode_abi(function, args=list(arguments)))

    def finish(self, timeout: float) -> list[TxReceipt]:
        """Receipts of all that was sent, in order. Raises DeploymentFailedError if one reverted."""
        receipts = [
            self.web3.eth.wait_for_transaction_receipt(hash_, timeout=timeout)
            for hash_ in self.sent
        ]
        for number, receipt in enumerate(receipts):
            if receipt["status"] != 1:
                hash_ = receipt["transactionHash"].to_0x_hex()
                raise DeploymentFailedError(
                    f"transaction {number} of the deployment reverted: {hash_}"
                )
        return receipts

    def _send(self, to: ChecksumAddress | None, data: Any) -> None:
        signed = self.account.sign_transaction(
            {
                "type": 2,
                "chainId": self.chain_id,
                "nonce": self.nonce,
                "gas": GAS,
                "maxFeePerGas": self.fee,
                "maxPriorityFeePerGas": 0,
                "value": 0,
                "data": data,
                **({} if to is None else {"to": to}),
            }
        )
        self.sent.append(self.web3.eth.send_raw_transaction(signed.raw_transaction))
        self.nonce += 1


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
) -> Deployment:
    """Deploys and wires everything; `salt` is the genesis hash, which all signatures name.

    `timeout`: seconds to wait for a receipt. Raises DeploymentFailedError, web3's TimeExhausted,
    or the node's refusal.
    """
    plan = _Plan(keys, limits or Limits(), salt, folder)
    sender = _Sender(web3, Account.from_key(deployer_key), folder)
    contracts = _create_contracts(sender, plan)
    _wire(sender, contracts, plan)
    receipts = sender.finish(timeout)
    return Deployment(
        chain_id=sender.chain_id,
        genesis_hash="0x" + salt.hex(),
        block_number=receipts[0]["blockNumber"],
        **{PLACES[name]: contract.address for name, contract in contracts.items()},
    )


def _create_contracts(sender: _Sender, plan: _Plan) -> dict[str, Contract]:
    limits = plan.limits
    manager = sender.create("AccessManager", sender.account.address)
    authority = manager.address
    proposers = _checksummed(plan.keys.proposers)
    timelock = sender.create(
        "TimelockController", limits.timelock_delay, proposers, [NOBODY], NOBODY
    )
    programmes = sender.create("Programmes", authority)
    payees = sender.create("Payees", authority, programmes.address, limits.daily_pay_out)
    return {
        "AccessManager": manager,
        "TimelockController": timelock,
        "Programmes": programmes,
        "Payees": payees,
        "ActionRegistry": sender.create(
            "ActionRegistry", authority, programmes.address, limits.daily_ceiling
        ),
        "Attesters": sender.create("Attesters", authority, plan.salt),
        "PaymentDesk": sender.create(
            "PaymentDesk", authority, programmes.address, payees.address, plan.salt
        ),
        "Anchor": sender.create("Anchor", authority),
    }


def _wire(sender: _Sender, contracts: dict[str, Contract], plan: _Plan) -> None:
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
