"""Makes the embedded chain's blocks, and stores the chain after each, before the next.

So a block with another on top is on disk, whatever is killed; what a kill takes is at most the
newest, and its transactions are sent again by whoever stored them. Blocks come each second while
there is work and until the last of it is final, then seldom: an idle chain stays small.

    python -m app.embedded.blocks HOME
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.chain_descriptor import EMBEDDED_CHAIN
from app.embedded.anvil import state_file
from app.embedded.rpc import Rpc, RpcError
from app.keyfiles import sync_folder, write_private
from app.running import Running

IDLE_SECONDS = 20.0  # below the 30 s by which the chain's clock may be behind
EMPTY_BLOCKS = EMBEDDED_CHAIN.finality_depth + 1
_LOOK = 0.2


@dataclass
class Maker:
    """Makes blocks of one node. `empty`: blocks without transactions since the last with any."""

    rpc: Rpc
    folder: Path
    empty: int = 0
    made_at: float = 0.0  # monotonic

    def step(self) -> None:
        """Makes and stores a block if one is due."""
        waiting = any(int(count, 16) for count in self.rpc("txpool_status").values())
        since = time.monotonic() - self.made_at
        busy = waiting or self.empty < EMPTY_BLOCKS
        if since < (EMBEDDED_CHAIN.block_seconds if busy else IDLE_SECONDS):
            return
        self.made_at = time.monotonic()
        self.make()

    def make(self) -> None:
        """One block at the chain's own time, later than the one before it, then stores it."""
        before = int(self.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
        self.rpc("evm_mine", max(int(time.time()) + clock_offset(self.folder), before + 1))
        made = self.rpc("eth_getBlockByNumber", "latest", False)
        self.empty = 0 if made["transactions"] else self.empty + 1
        self.store()

    def store(self) -> None:
        """Writes the chain beside its old copy, and takes that one's place when it is durable."""
        chain = bytes.fromhex(self.rpc("anvil_dumpState")[2:])
        target = state_file(self.folder)
        draft = target.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(chain)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
        sync_folder(self.folder)


def clock_offset(folder: Path) -> int:
    """Seconds by which a demo's chain is ahead of the machine's clock."""
    file = folder / "clock_offset"
    return int(file.read_text(encoding="ascii")) if file.exists() else 0


def move_clock(home: Path, *, seconds: int) -> None:
    """Moves the chain's time from the next block on, across restarts too; demo and tests only."""
    folder = home / "chain"
    write_private(folder / "clock_offset", str(clock_offset(folder) + seconds))


def stored_height(folder: Path) -> int:
    """The number of the newest stored block. Raises FileNotFoundError before the first."""
    with gzip.open(state_file(folder), "rt", encoding="utf-8") as file:
        return int(json.load(file)["best_block_number"])


def main(home: Path) -> None:
    running = Running.read(home)
    if running is None:
        raise SystemExit(Running.missing(home))
    with Rpc(running.node_port) as rpc:
        maker = Maker(rpc, home / "chain")
        while True:
            try:
                maker.step()
            except (httpx.HTTPError, RpcError) as error:
                print(f"the node does not answer: {error}", flush=True)  # it comes back, or we end
                time.sleep(1)
            time.sleep(_LOOK)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
