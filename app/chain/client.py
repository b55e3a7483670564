"""Nodes over JSON-RPC: several URLs, one in use, the next when it fails (see `nodes.py`).

Answers of one node are never mixed with another's inside one question, nor inside `one_node`.
Block numbers are integers, hashes 32 raw bytes, addresses checksummed text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import httpx

from app.chain.answers import classify
from app.chain.codec import decode_revert
from app.chain.errors import (
    ChainError,
    NodeUnreachable,
    Reverted,
    WrongChain,
)
from app.chain.nodes import Monotonic, Node, Nodes
from app.chain.said import Block, Log, Receipt, block_of, log_of, receipt_of, to_hex
from app.keyfiles import KeyFileError
from app.rpc_tokens import NO_TOKENS, RpcTokens

T = TypeVar("T")
_BUSY = (429, 503)  # too much is asked of it: another one may have time
_REFUSED = (401, 403)  # whoever asks: what it allows a key, it says in JSON


class ChainClient:
    """Not shared between threads: each job has its own, so it talks to one node at a time."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        chain_id: int,
        genesis_hash: bytes,
        tokens: RpcTokens = NO_TOKENS,
        timeout: float = 10.0,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        self.chain_id, self.genesis_hash, self.urls = chain_id, genesis_hash, tuple(urls)
        self.tokens, self._nodes = tokens, Nodes(urls, monotonic)
        self._http = httpx.Client(timeout=timeout, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def one_node(self) -> AbstractContextManager[None]:
        """Within, nothing is asked of another node, whatever happens: what one node says of a
        nonce, another need not know yet."""
        return self._nodes.pinned()

    def leave(self, lagging: Collection[str]) -> str | None:
        """From the next question on these URLs are asked only when no other answers; the label of
        the one in use, when that is left."""
        return self._nodes.leave(lagging)

    def call(self, method: str, *parameters: Any) -> Any:
        """The result of a call. Raises a ChainError; NodeUnreachable when no node answered."""
        return self._read(lambda result: result, method, *parameters)

    def _read(self, read: Callable[[Any], T], method: str, *parameters: Any) -> T:
        """What `read` makes of the result. An answer that it can't read is none."""
        failure: ChainError = NodeUnreachable("no node is configured")
        for node in self._nodes.to_ask():
            try:
                if self._nodes.is_due(node):
                    self._check_identity(node)
                result = self._understood(node, read, method, parameters)
            except NodeUnreachable as error:
                failure = error
                self._nodes.failed(node)
            else:
                self._nodes.answered(node)
                return result
        raise failure

    def head(self) -> Block:
        return self._read(block_of, "eth_getBlockByNumber", "latest", False)

    def block(self, number: int) -> Block | None:
        """The canonical block of that number, None when the node has none (yet)."""
        return self._read(_or_none(block_of), "eth_getBlockByNumber", hex(number), False)

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
        found = self._read(lambda rows: [log_of(raw) for raw in rows], "eth_getLogs", wanted)
        return sorted(found, key=lambda log: (log.block_number, log.log_index))

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        return self._read(receipt_of, "eth_getTransactionReceipt", to_hex(transaction_hash))

    def knows(self, transaction_hash: bytes) -> bool:
        """Whether the node holds the transaction, in its pool or in a block."""
        return self.call("eth_getTransactionByHash", to_hex(transaction_hash)) is not None

    def nonce(self, address: str, block: int | None = None) -> int:
        """Transactions of the account that are mined (up to a block): the next nonce by the
        chain."""
        at = "latest" if block is None else hex(block)
        return self._read(_number, "eth_getTransactionCount", address, at)

    def send_raw(self, raw: bytes) -> None:
        """Hand over a signed transaction. Raises AlreadyKnown, NonceUsed, ..."""
        self.call("eth_sendRawTransaction", to_hex(raw))

    def read(
        self, to: str, data: bytes, *, sender: str | None = None, block: str = "latest"
    ) -> str:
        """The answer of a call that changes nothing, as 0x hex. Raises Reverted."""
        asked = {"to": to, "data": to_hex(data)} | ({"from": sender} if sender else {})
        return str(self.call("eth_call", asked, block))

    def estimate(self, to: str, data: bytes, sender: str) -> int:
        """Gas that the call would use. Raises Reverted."""
        asked = {"to": to, "data": to_hex(data), "from": sender}
        return self._read(_number, "eth_estimateGas", asked)

    def _check_identity(self, node: Node) -> None:
        chain_id = self._understood(node, _number, "eth_chainId", ())
        genesis = self._understood(node, block_of, "eth_getBlockByNumber", ("0x0", False)).hash
        if chain_id != self.chain_id or genesis != self.genesis_hash:
            raise WrongChain(
                f"{node.label}: chain {chain_id} with genesis {to_hex(genesis)} is not ours"
            )
        self._nodes.checked(node)

    def _understood(
        self, node: Node, read: Callable[[Any], T], method: str, parameters: Sequence[Any]
    ) -> T:
        result = self._ask(node, method, parameters)
        try:
            return read(result)
        except (KeyError, TypeError, ValueError) as error:
            said = f"{node.label}, {method}: {type(error).__name__}: {error}"
            raise NodeUnreachable(f"{said}: the answer can't be read") from error

    def _ask(self, node: Node, method: str, parameters: Sequence[Any]) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
        said = f"{node.label}, {method}"
        try:
            headers = self.tokens.headers(node.url)
            answer = self._http.post(node.url, json=body, headers=headers)
            if answer.status_code in _REFUSED:
                raise NodeUnreachable(f"{said}: the node refuses our token, or wants one")
            content = None if answer.status_code in _BUSY else answer.json()
        except KeyFileError as error:
            raise NodeUnreachable(f"{said}: {error}") from error
        except (httpx.HTTPError, ValueError) as error:
            raise NodeUnreachable(f"{said}: {type(error).__name__}: {error}") from error
        if content is None:
            raise NodeUnreachable(f"{said}: the node asks for fewer requests")
        if not isinstance(content, dict) or not {"result", "error"} & content.keys():
            raise NodeUnreachable(f"{said}: the answer is no JSON-RPC")
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


def _or_none(read: Callable[[Any], T]) -> Callable[[Any], T | None]:
    return lambda raw: None if raw is None else read(raw)


def _number(raw: str) -> int:
    return int(raw, 16)
