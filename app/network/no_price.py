"""Tells every node, each second, that a transaction costs nothing.

Without it a validator takes none of ours: geth corrects a price of zero in its settings to a gwei,
and only the miner's own interface takes a zero, until the node's next start.

    python -m app.network.no_price SOCKET...
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from app.embedded.rpc import RpcError
from app.embedded.supervisor import Part
from app.network.ipc import ask

PAUSE = 1.0


def part(sockets: Sequence[Path], environ: dict[str, str]) -> Part:
    """How the supervisor runs it."""
    command = [sys.executable, "-m", "app.network.no_price", *map(str, sockets)]
    return Part("no-price", lambda: command, environ=environ)


def tell(sockets: Sequence[Path]) -> None:
    """Once; a node that isn't there hears it the next time."""
    for socket in sockets:
        with contextlib.suppress(OSError, RpcError):
            ask(socket, "miner_setGasPrice", "0x0")


if __name__ == "__main__":
    while True:
        tell([Path(name) for name in sys.argv[1:]])
        time.sleep(PAUSE)
