"""Nodes over JSON-RPC: several URLs, one in use, the next when it fails (see `nodes.py`).

Answers of one node are never mixed with another's inside one question, nor inside `one_node`.
Block numbers are integers, hashes 32 raw bytes, addresses checksummed text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from app.chain.errors import (
    ChainError,
    NodeBehind,
    NodeBusy,
    NodeUnreachable,
    NotKnownThere,
    WrongChain,
)
from app.chain.rpc.answers import (
    UNREADABLE,
    Block,
    Log,
    Receipt,
    block_of,
    log_of,
    number_of,
    receipt_of,
    to_hex,
)
from app.chain.rpc.nodes import Monotonic, Node, Nodes
from app.chain.rpc.wire import Wire
from app.rpc_tokens import NO_TOKENS, RpcTokens

T = TypeVar("T")
ANOTHER_MAY = (NodeUnreachable, NodeBusy, NodeBehind)  # know, or take, what this node doesn't
Topics = Sequence[str | None]


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
        self._wire = Wire(timeout, tokens)

    def close(self) -> None:
        self._wire.close()

    def one_node(self) -> AbstractContextManager[None]:
        """Within, nothing is asked of another node, whatever happens: what one node says of a
        nonce, another need not know yet."""
        return self._nodes.pinned()

    def leave(self, lagging: Collection[str]) -> str | None:
        """From the next question on these URLs are asked only when no other answers; the label of
        the one in use, when that is left."""
        return self._nodes.leave(lagging)

    @property
    def node(self) -> str:
        """Who is asked first, by host and port."""
        current = self._nodes.current
        return current.label if current else "?"

    def distrust(self) -> None:
        """Whoever was asked last rests, as one that failed does: another is asked meanwhile."""
        if self._nodes.current is not None:
            self._nodes.failed(self._nodes.current)

    def call(self, method: str, *parameters: Any) -> Any:
        """The result of a call. Raises a ChainError; one of ANOTHER_MAY when no node has one."""
        return self._read(lambda result: result, method, *parameters)

    def _read(self, read: Callable[[Any], T], method: str, *parameters: Any) -> T:
        """What `read` makes of the result. An answer that it can't read is none."""
        return self._tried(lambda node: self._understood(node, read, method, parameters))

    def _tried(self, ask: Callable[[Node], T]) -> T:
        failure: ChainError = NodeUnreachable("no node is configured")
        for node in self._nodes.to_ask():
            try:
                if self._nodes.is_due(node):
                    self._check_identity(node)
                result = ask(node)
            except ANOTHER_MAY as error:
                failure = error
                self._nodes.failed(node)
            else:
                self._nodes.answered(node)
                return result
        raise failure

    def many(
        self, read: Callable[[Any], T], method: str, asked: Sequence[Sequence[Any]]
    ) -> list[T]:
        """What `read` makes of each answer of one node, in order."""

        def ask(node: Node) -> list[T]:
            answers = self._wire.ask_all(node, method, asked)
            return [_made(node, read, method, answer) for answer in answers]

        return self._tried(ask)

    def head(self) -> Block:
        return self._read(block_of, "eth_getBlockByNumber", "latest", False)

    def block(self, number: int) -> Block | None:
        """The canonical block of that number, None when the node has none (yet)."""
        return self._read(_or_none(block_of), "eth_getBlockByNumber", hex(number), False)

    def blocks(self, first: int, last: int) -> list[Block]:
        """The canonical blocks first..last, both included. Raises NodeBehind if one is missing."""

        def there(raw: Any) -> Block:
            if raw is None:
                raise NodeBehind(f"the node has not all of the blocks {first} to {last}")
            return block_of(raw)

        asked = [(hex(number), False) for number in range(first, last + 1)]
        return self.many(there, "eth_getBlockByNumber", asked)

    def logs(
        self,
        first: int,
        last: int,
        addresses: Sequence[str] | None,
        topics: Topics = (),
    ) -> list[Log]:
        """Logs of blocks first..last, both included, in order. Raises RangeTooLarge."""
        return self._logs({"fromBlock": hex(first), "toBlock": hex(last)}, addresses, topics)

    def logs_of(
        self, block_hash: bytes, addresses: Sequence[str] | None, topics: Topics = ()
    ) -> list[Log]:
        """Of one block by its hash: a node that doesn't have it refuses, and has to say so."""
        return self._logs({"blockHash": to_hex(block_hash)}, addresses, topics)

    def _logs(
        self, wanted: dict[str, Any], addresses: Sequence[str] | None, topics: Topics
    ) -> list[Log]:
        if addresses is not None:
            wanted["address"] = list(addresses)
        if topics:
            wanted["topics"] = list(topics)
        found = self._read(lambda rows: [log_of(raw) for raw in rows], "eth_getLogs", wanted)
        return sorted(found, key=lambda log: (log.block_number, log.log_index))

    def receipts(self, block: Block) -> list[Receipt]:
        """Of all transactions of a block; from nodes that don't know the method one by one."""
        try:
            asked = self._read(_receipts, "eth_getBlockReceipts", hex(block.number))
        except NotKnownThere:
            hashes = [(to_hex(one),) for one in block.transactions]
            found = self.many(receipt_of, "eth_getTransactionReceipt", hashes)
            asked = [receipt for receipt in found if receipt is not None]
        return asked

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        return self._read(receipt_of, "eth_getTransactionReceipt", to_hex(transaction_hash))

    def knows(self, transaction_hash: bytes) -> bool:
        """Whether the node holds the transaction, in its pool or in a block."""
        return self.call("eth_getTransactionByHash", to_hex(transaction_hash)) is not None

    def nonce(self, address: str, block: int | None = None) -> int:
        """Transactions of the account that are mined (up to a block): the next nonce by the
        chain."""
        at = "latest" if block is None else hex(block)
        return self._read(number_of, "eth_getTransactionCount", address, at)

    def send_raw(self, raw: bytes) -> None:
        """Hand over a signed transaction. Raises AlreadyKnown, NonceUsed, ..."""
        self.call("eth_sendRawTransaction", to_hex(raw))

    def read(
        self, to: str, data: bytes, *, sender: str | None = None, block: str = "latest"
    ) -> str:
        """The answer of a call that changes nothing, as 0x hex. Raises Reverted."""
        asked = {"to": to, "data": to_hex(data)} | ({"from": sender} if sender else {})
        return str(self.call("eth_call", asked, block))

    def read_at(self, block_hash: bytes, calls: Sequence[tuple[str, bytes]]) -> list[str]:
        """Answers of (contract, data) as of one block, which the node must have."""
        at = {"blockHash": to_hex(block_hash)}
        asked = [({"to": to, "data": to_hex(data)}, at) for to, data in calls]
        return self.many(str, "eth_call", asked)

    def estimate(self, to: str, data: bytes, sender: str) -> int:
        """Gas that the call would use. Raises Reverted."""
        asked = {"to": to, "data": to_hex(data), "from": sender}
        return self._read(number_of, "eth_estimateGas", asked)

    def _check_identity(self, node: Node) -> None:
        chain_id = self._understood(node, number_of, "eth_chainId", ())
        genesis = self._understood(node, block_of, "eth_getBlockByNumber", ("0x0", False)).hash
        if chain_id != self.chain_id or genesis != self.genesis_hash:
            raise WrongChain(
                f"{node.label}: chain {chain_id} with genesis {to_hex(genesis)} is not ours"
            )
        self._nodes.checked(node)

    def _understood(
        self, node: Node, read: Callable[[Any], T], method: str, parameters: Sequence[Any]
    ) -> T:
        return _made(node, read, method, self._wire.ask(node, method, parameters))


def _made(node: Node, read: Callable[[Any], T], method: str, result: Any) -> T:
    try:
        return read(result)
    except UNREADABLE as error:
        said = f"{node.label}, {method}: {type(error).__name__}: {error}"
        raise NodeUnreachable(f"{said}: the answer can't be read") from error


def _receipts(rows: Any) -> list[Receipt]:
    found = [receipt_of(raw) for raw in rows or ()]
    return [receipt for receipt in found if receipt is not None]


def _or_none(read: Callable[[Any], T]) -> Callable[[Any], T | None]:
    return lambda raw: None if raw is None else read(raw)
