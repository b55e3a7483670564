"""Sends a deployment's transactions from one key with consecutive nonces, without waiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract
from web3.types import Nonce, TxReceipt, Wei
from web3.utils.address import get_create_address

from app.chain.contracts.artifacts import load_artifact

GAS = 8_000_000


class DeploymentFailedError(Exception):
    """A transaction of the deployment was not accepted, or reverted."""


@dataclass
class Deployer:
    """Signs and sends from one key, counting nonces itself; `finish` waits for all receipts."""

    web3: Web3
    account: LocalAccount
    folder: Path
    gas_price: int = 0  # wei; where gas costs nothing, whatever a block asks for is offered
    chain_id: int = field(init=False)
    nonce: int = field(init=False)
    fee: Wei = field(init=False)
    sent: list[HexBytes] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.chain_id = self.web3.eth.chain_id
        self.nonce = self.web3.eth.get_transaction_count(self.account.address, "pending")
        asked = 2 * self.web3.eth.get_block("latest").get("baseFeePerGas", Wei(0))
        self.fee = Wei(max(asked, self.gas_price))

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
                "maxPriorityFeePerGas": self.gas_price,
                "value": 0,
                "data": data,
                **({} if to is None else {"to": to}),
            }
        )
        self.sent.append(self.web3.eth.send_raw_transaction(signed.raw_transaction))
        self.nonce += 1
