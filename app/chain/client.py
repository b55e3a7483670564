"""Nodes over JSON-RPC: several URLs, one in use, the next when it fails.

Nothing is asked of a node before its chain id and genesis hash were found to be ours, at the start
and after every loss. Answers of one node are never mixed with another's inside one question.
Block numbers are integers, hashes 32 raw bytes, addresses checksummed text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from app.chain.answers import classify
from app.chain.codec import decode_revert
from app.chain.errors import (
    ChainError,
    NodeBusy,
    NodeUnreachable,
    Reverted,
    WrongChain,
)
from app.chain.typed import checksum


@dataclass(frozen=True)
class Block:
    number: int
    hash: bytes
    parent_hash: bytes
    time: datetime


@dataclass(frozen=True)
class Log:
    block_number: int
    block_hash: bytes
    log_index: int
    transaction_hash: bytes
    address: str
    topics: tuple[str, ...]
    data: bytes


@dataclass(frozen=True)
class Receipt:
    block_number: int
    block_hash: bytes
    succeeded: bool
    gas_used: int


class ChainClient:
    """Not shared between threads: each job has its own, so it talks to one node at a time."""

    def __init__(
        self, urls: Sequence[str], *, chain_id: int, genesis_hash: bytes, timeout: float = 10.0
    ) -> None:
        self.chain_id, self.genesis_hash = chain_id, genesis_hash
        self._urls = list(urls)
        self._http = httpx.Client(timeout=timeout, trust_env=False)
        self._checked = False

    def close(self) -> None:
        self._http.close()

    def call(self, method: str, *parameters: Any) -> Any:
        """The result of a call. Raises a ChainError; NodeUnreachable when no node answered."""
        failure: ChainError = NodeUnreachable("no node is configured")
        for _ in range(len(self._urls)):
            try:
                if not self._checked:
                    self._check_identity()
                return self._ask(method, parameters)
            except NodeUnreachable as error:
                failure = error
                self._checked = False
                self._urls.append(self._urls.pop(0))
        raise failure

    def head(self) -> Block:
        return _block(self.call("eth_getBlockByNumber", "latest", False))

    def block(self, number: int) -> Block | None:
        """The canonical block of that number, None when the node has none (yet)."""
        found = self.call("eth_getBlockByNumber", hex(number), False)
        return None if found is None else _block(found)

    def logs(
        self,
        first: int,
        last: int,
        addresses: Sequence[str] | None,
        topics: Sequence[str | None] = (),
    ) -> list[Log]:
        """Logs of blocks first..last, both included, in order. Raises RangeTooLarge."""
        wanted: dict[str, Any] = {"fromBlock": hex(first), "toBlock": hex(last)}
        if addresses is not None:
            wanted["address"] = list(addresses)
        if topics:
            wanted["topics"] = list(topics)
        found = [_log(raw) for raw in self.call("eth_getLogs", wanted)]
        return sorted(found, key=lambda log: (log.block_number, log.log_index))

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        found = self.call("eth_getTransactionReceipt", _hex(transaction_hash))
        if found is None or found.get("blockHash") is None:
            return None
        return Receipt(
            int(found["blockNumber"], 16),
            _bytes(found["blockHash"]),
            int(found["status"], 16) == 1,
            int(found["gasUsed"], 16),
        )

    def nonce(self, address: str) -> int:
        """Transactions of the account that are mined: the next nonce by the chain."""
        return int(self.call("eth_getTransactionCount", address, "latest"), 16)

    def send_raw(self, raw: bytes) -> None:
        """Hand over a signed transaction. Raises AlreadyKnown, NonceUsed, ..."""
        self.call("eth_sendRawTransaction", _hex(raw))

    def read(
        self, to: str, data: bytes, *, sender: str | None = None, block: str = "latest"
    ) -> str:
        """The answer of a call that changes nothing, as 0x hex. Raises Reverted."""
        asked = {"to": to, "data": _hex(data)} | ({"from": sender} if sender else {})
        return str(self.call("eth_call", asked, block))

    def estimate(self, to: str, data: bytes, sender: str) -> int:
        """Gas that the call would use. Raises Reverted."""
        asked = {"to": to, "data": _hex(data), "from": sender}
        return int(self.call("eth_estimateGas", asked), 16)

    def _check_identity(self) -> None:
        chain_id = int(self._ask("eth_chainId", ()), 16)
        genesis = self._ask("eth_getBlockByNumber", ("0x0", False))
        if chain_id != self.chain_id or _bytes(genesis["hash"]) != self.genesis_hash:
            raise WrongChain(f"chain {chain_id} with genesis {genesis['hash']} is not ours")
        self._checked = True

    def _ask(self, method: str, parameters: Sequence[Any]) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
        try:
            answer = self._http.post(self._urls[0], json=body)
            if answer.status_code == 429:
                raise NodeBusy("the node asks for fewer requests")
            content = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise NodeUnreachable(f"{method}: {type(error).__name__}: {error}") from error
        if not isinstance(content, dict) or not {"result", "error"} & content.keys():
            raise NodeUnreachable(f"{method}: the answer is no JSON-RPC")
        if content.get("error") is not None:
            raise _refusal(method, content["error"])
        return content.get("result")


def _refusal(method: str, error: dict[str, Any]) -> ChainError:
    message, data = str(error.get("message", "")), error.get("data")
    if isinstance(data, dict):  # some nodes wrap it
        data = data.get("data")
    if method == "eth_estimateGas" and "gas required exceeds" in message.lower():
        return Reverted("TransactionTooLarge", {"answer": message})
    if "revert" in message.lower() or error.get("code") == 3:
        return decode_revert(data if isinstance(data, str) else "0x")
    return classify(method, int(error.get("code", 0)), message)


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _bytes(value: str) -> bytes:
    return bytes.fromhex(value[2:])


def _block(raw: dict[str, Any]) -> Block:
    return Block(
        int(raw["number"], 16),
        _bytes(raw["hash"]),
        _bytes(raw["parentHash"]),
        datetime.fromtimestamp(int(raw["timestamp"], 16), UTC),
    )


def _log(raw: dict[str, Any]) -> Log:
    return Log(
        int(raw["blockNumber"], 16),
        _bytes(raw["blockHash"]),
        int(raw["logIndex"], 16),
        _bytes(raw["transactionHash"]),
        checksum(raw["address"]),
        tuple(raw["topics"]),
        _bytes(raw["data"]),
    )
