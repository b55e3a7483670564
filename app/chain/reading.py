"""Reading a range of blocks so that nothing can be missing from it.

A node that lags or changes its mind answers with empty lists, not errors: so the range's ends are
asked for before and after the logs, and every log's block must be the one the node shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.chain.client import ChainClient
from app.chain.codec import decode_event, event_topic
from app.chain.errors import NodeBehind, RangeTooLarge
from app.chain.said import Block, Log

NOBODY = "0x" + "0" * 64


@dataclass(frozen=True)
class Reading:
    """Logs of ours in blocks first..tip, and the blocks that hold them, the tip included."""

    parent_hash: bytes  # of the first block
    tip: Block
    blocks: tuple[Block, ...]
    logs: tuple[Log, ...]


@dataclass
class Span:
    """How many blocks are asked for at once: halved on refusal, doubled on success."""

    longest: int
    now: int

    def shrink(self, asked: int) -> None:
        """Raises RangeTooLarge again when a single block was already too much."""
        if asked <= 1:
            raise RangeTooLarge("the node refuses the logs of a single block")
        self.now = max(1, asked // 2)

    def grow(self) -> None:
        self.now = min(self.longest, self.now * 2)


def read_blocks(
    client: ChainClient,
    first: int,
    last: int,
    *,
    addresses: Sequence[str],
    tokens: Sequence[str],
) -> Reading:
    """Raises RangeTooLarge, or NodeBehind when the node changed its mind meanwhile."""
    start, tip = _block(client, first), _block(client, last)
    ours = client.logs(first, last, addresses)
    known = [*tokens, *_created(ours)]
    minted: list[Log] = []
    if known:
        topics = [event_topic("ImpactToken", "Transfer"), NOBODY]
        minted = client.logs(first, last, known, topics)
    logs = sorted([*ours, *minted], key=lambda log: (log.block_number, log.log_index))
    blocks = {tip.number: tip}
    for number in {log.block_number for log in logs} - {last}:
        blocks[number] = _block(client, number)
    if any(blocks[log.block_number].hash != log.block_hash for log in logs):
        raise NodeBehind("logs of a block that is not there")
    if _block(client, first) != start or _block(client, last) != tip:
        raise NodeBehind("the chain changed while it was read")
    return Reading(start.parent_hash, tip, tuple(blocks.values()), tuple(logs))


def read_some(
    client: ChainClient,
    first: int,
    head: int,
    span: Span,
    *,
    addresses: Sequence[str],
    tokens: Sequence[str],
) -> Reading:
    """As far as the node lets us go at once."""
    while True:
        last = min(head, first + span.now - 1)
        try:
            reading = read_blocks(client, first, last, addresses=addresses, tokens=tokens)
        except RangeTooLarge:
            span.shrink(last - first + 1)
            continue
        span.grow()
        return reading


def _created(logs: Sequence[Log]) -> list[str]:
    """Tokens that were born within this very range."""
    found = (decode_event(log.topics, log.data) for log in logs)
    return [
        event.arguments["token"] for event in found if event and event.name == "ProgrammeCreated"
    ]


def _block(client: ChainClient, number: int) -> Block:
    block = client.block(number)
    if block is None:
        raise NodeBehind(f"the node has no block {number} any more")
    return block
