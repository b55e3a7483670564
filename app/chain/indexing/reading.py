"""Reading a range of blocks so that nothing can be missing from it, or be in it untruly.

A node that lags or changes its mind answers with empty lists, not errors: so every header is read
and must follow from the one before, the last block's logs are asked for by its hash, and whatever
the logs say is held against headers and receipts (`cross_check.py`). Of one node, before
anything of it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.chain.contracts.codec import decode_event, event_topic
from app.chain.errors import NodeBehind, NodeContradicts, RangeTooLarge
from app.chain.indexing.cross_check import Wanted, check_linked, check_logs
from app.chain.rpc.answers import Block, Log
from app.chain.rpc.client import ChainClient

NOBODY = "0x" + "0" * 64
FIRST_SPAN = 64  # blocks; doubled as long as the node gives them
GAS_AT_ONCE = 60_000_000  # of blocks with logs: some 8,000 credits, so memory stays flat


@dataclass(frozen=True)
class Reading:
    """The blocks first..tip, all of them, and the logs of ours in them."""

    blocks: tuple[Block, ...]
    logs: tuple[Log, ...]

    @property
    def parent_hash(self) -> bytes:
        """What the first block follows."""
        return self.blocks[0].parent_hash

    @property
    def tip(self) -> Block:
        return self.blocks[-1]


@dataclass
class Span:
    """How many blocks are asked for at once: halved on refusal, doubled on success, no more
    than one reading takes."""

    longest: int
    now: int

    @classmethod
    def up_to(cls, longest: int) -> Span:
        """As many as a node takes at most, with fewer at first."""
        return cls(longest, min(longest, FIRST_SPAN))

    def shrink(self, asked: int) -> None:
        """Raises RangeTooLarge again when a single block was already too much."""
        if asked <= 1:
            raise RangeTooLarge("the node refuses the logs of a single block")
        self.now = max(1, asked // 2)

    def grow(self, asked: int, read: int) -> None:
        """As far as the last reading's blocks had room for it."""
        self.now = min(self.longest, self.now * 2) if read == asked else read


def read_blocks(
    client: ChainClient,
    first: int,
    last: int,
    *,
    addresses: Sequence[str],
    tokens: Sequence[str],
) -> Reading:
    """Blocks first..last, or as many of them as have logs enough for one reading.

    Raises RangeTooLarge; NodeBehind when the node changed its mind meanwhile, NodeContradicts when
    it didn't and what it says can't all be true.
    """
    blocks = client.blocks(first, last)
    try:
        check_linked(blocks, first)
        wanted = Wanted(frozenset(addresses), frozenset(tokens), ())
        blocks = _not_too_many(blocks, wanted)
        logs, wanted = _logs(client, blocks, wanted)
        check_logs(client, blocks, logs, wanted)
    except NodeContradicts:
        _check_unchanged(client, dict(enumerate(blocks, first)))
        raise
    _check_unchanged(client, {first: blocks[0], blocks[-1].number: blocks[-1]})
    return Reading(tuple(blocks), tuple(logs))


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
        span.grow(last - first + 1, len(reading.blocks))
        return reading


def _logs(client: ChainClient, blocks: Sequence[Block], wanted: Wanted) -> tuple[list[Log], Wanted]:
    """Ours, and the mints of every token, also of those that were born in these very blocks."""
    ours = _asked(client, blocks, sorted(wanted.addresses), ())
    topics = (event_topic("ImpactToken", "Transfer"), NOBODY)
    wanted = Wanted(wanted.addresses, wanted.tokens | set(_created(ours)), topics)
    minted = _asked(client, blocks, sorted(wanted.tokens), topics) if wanted.tokens else []
    logs = sorted([*ours, *minted], key=lambda log: (log.block_number, log.log_index))
    return logs, wanted


def _asked(
    client: ChainClient, blocks: Sequence[Block], addresses: Sequence[str], topics: Sequence[str]
) -> list[Log]:
    """The last block by its hash: a node that has another one there, or none, can't say nothing."""
    *before, tip = blocks
    found = client.logs_of(tip.hash, addresses, topics)
    if before:
        found = client.logs(before[0].number, before[-1].number, addresses, topics) + found
    return found


def _not_too_many(blocks: list[Block], wanted: Wanted) -> list[Block]:
    """One block at least; of those without logs as many as there are."""
    gas = 0
    for number, block in enumerate(blocks):
        used = (block.gas_used or 0) if wanted.can_be_in(block) else 0
        gas += used
        if number and used and gas > GAS_AT_ONCE:
            return blocks[:number]
    return blocks


def _created(logs: Sequence[Log]) -> list[str]:
    """Tokens that were born within this very range."""
    born = event_topic("Programmes", "ProgrammeCreated")
    found = (decode_event(log.topics, log.data) for log in logs if born in log.topics[:1])
    return [event.arguments["token"] for event in found if event]


def _check_unchanged(client: ChainClient, blocks: Mapping[int, Block]) -> None:
    """`blocks` by the number asked for. Raises NodeBehind when the node has others there by now."""
    for number, block in blocks.items():
        if client.block(number) != block:
            raise NodeBehind("the chain changed while it was read")
