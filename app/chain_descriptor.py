"""What an operator says of the chain, since no node tells it."""

from __future__ import annotations

from collections.abc import Callable
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

    @classmethod
    def read(
        cls, text: Callable[[str, str], str], number: Callable[[str, int, int, int], int]
    ) -> ChainDescriptor:
        """As an operator's settings say; `number` takes a default and the bounds."""
        return cls(
            finality_depth=number("CHAIN_FINALITY_DEPTH", 12, 0, 1000),
            block_seconds=number("CHAIN_BLOCK_SECONDS", 2, 1, 60),
            log_range=number("CHAIN_LOG_RANGE", 5000, 1, 1_000_000),
            long_extra_data=text("CHAIN_LONG_EXTRA_DATA", "1") != "0",
            low_head_seconds=number("CHAIN_LOW_HEAD_SECONDS", 120, 1, 86_400),
            lag_seconds=number("CHAIN_LAG_SECONDS", 15, 1, 3600),
            gas_price=number("CHAIN_GAS_PRICE", 0, 0, 10**15),
        )


# A block is made only when the one before it is on disk, so two would do; five is what we promise.
EMBEDDED_CHAIN = ChainDescriptor(5, 1, 10_000, long_extra_data=False)
