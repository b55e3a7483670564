"""Whether the logs that a node gave are those of its blocks, none left out and none invented.

What it says elsewhere is held against them: the headers (number, hash, parent, bloom) and, of every
block that can hold logs of ours, the receipts, which must come to the very bloom of the header.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.chain.errors import NodeContradicts
from app.chain.indexing.bloom import bloom_of, may_hold
from app.chain.rpc.answers import Block, Log, to_bytes
from app.chain.rpc.client import ChainClient


@dataclass(frozen=True)
class Wanted:
    """Every log of `addresses`, and of `tokens` those that begin with these topics."""

    addresses: frozenset[str]
    tokens: frozenset[str]
    topics: tuple[str, ...]

    def holds(self, log: Log) -> bool:
        if log.address in self.addresses:
            return True
        return log.address in self.tokens and log.topics[: len(self.topics)] == self.topics

    def can_be_in(self, block: Block) -> bool:
        """As far as its header says."""
        if not block.transactions:
            return False
        bloom = block.bloom
        if bloom is None:
            return True
        topics = [to_bytes(topic) for topic in self.topics]
        return any(may_hold(bloom, (to_bytes(one),)) for one in self.addresses) or any(
            may_hold(bloom, (to_bytes(one), *topics)) for one in self.tokens
        )


def check_linked(blocks: Sequence[Block], first: int) -> None:
    """Each the one asked for, and the parent of the next. Raises NodeContradicts."""
    for asked, block in enumerate(blocks, first):
        if block.number != asked:
            raise NodeContradicts(f"asked for block {asked}, the node gave {block.number}")
    for before, block in pairwise(blocks):
        if block.parent_hash != before.hash:
            raise NodeContradicts(f"block {before.number} is not the parent of the next")


def check_logs(
    client: ChainClient, blocks: Sequence[Block], logs: Iterable[Log], wanted: Wanted
) -> None:
    """`logs` of exactly these blocks, in order. Raises NodeContradicts."""
    known = {block.number: block for block in blocks}
    found: dict[int, list[Log]] = defaultdict(list)
    for log in logs:
        _check_log(log, known, wanted)
        found[log.block_number].append(log)
    for block in blocks:
        if block.number in found or wanted.can_be_in(block):
            _check_receipts(client, block, found[block.number], wanted)


def _check_log(log: Log, known: Mapping[int, Block], wanted: Wanted) -> None:
    block = known.get(log.block_number)
    if block is None:
        raise NodeContradicts(f"the node gave a log of block {log.block_number}: nobody asked")
    where = f"block {block.number}, log {log.log_index}"
    if log.block_hash != block.hash:
        raise NodeContradicts(f"{where}: it belongs to another block of that number")
    if not wanted.holds(log):
        raise NodeContradicts(f"{where}: it is none of those asked for")


def _check_receipts(
    client: ChainClient, block: Block, given: Sequence[Log], wanted: Wanted
) -> None:
    receipts = client.receipts(block)
    if any(receipt.block_hash != block.hash for receipt in receipts):
        raise NodeContradicts(f"block {block.number}: its receipts are of another block")
    sent = len(block.transactions)
    if len(receipts) != sent:
        said = f"{sent} transactions, {len(receipts)} receipts"
        raise NodeContradicts(f"block {block.number}: {said}")
    every = [log for receipt in receipts for log in receipt.logs]
    named = {value for log in every for value in (log.address, *log.topics)}
    if block.bloom is not None and bloom_of(map(to_bytes, named)) != block.bloom:
        raise NodeContradicts(f"block {block.number}: its receipts are not those of its header")
    told = sorted((log for log in every if wanted.holds(log)), key=lambda log: log.log_index)
    if told != list(given):
        said = f"{len(given)} logs, and its receipts hold {len(told)}, or others"
        raise NodeContradicts(f"block {block.number}: {said}")
