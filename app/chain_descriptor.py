"""What an operator says of the chain, since no node tells it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChainDescriptor:
    """How this chain behaves. `finality_depth` blocks on top make a block final, 0 on BFT.

    `low_head_seconds`: heads that are below what we have seen for longer stop everything.
    `lag_seconds`: a node whose newest block is so much older than another's is left. `gas_price`
    in wei, 0 where gas costs nothing.
    """

    finality_depth: int
    block_seconds: int
    log_range: int  # blocks that one eth_getLogs may span
    long_extra_data: bool  # QBFT and Clique headers hold more than 32 bytes there
    low_head_seconds: int = 120
    lag_seconds: int = 15
    gas_price: int = 0


# A block is made only when the one before it is on disk, so two would do; five is what we promise.
EMBEDDED_CHAIN = ChainDescriptor(5, 1, 10_000, long_extra_data=False)
