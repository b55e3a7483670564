"""Tells every node after each of its starts that a transaction costs nothing.

Without it a validator takes none of ours: geth corrects a price of zero in its settings to a gwei,
and only the miner's own interface takes a zero, until the node's next start.

    python -m app.network.no_price SOCKET...
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app.embedded.rpc import RpcError
from app.embedded.supervisor import Part
from app.network.ipc import ask

PAUSE = 1.0  # seconds
SETTLING = 60.0


def part(sockets: Sequence[Path], environ: dict[str, str]) -> Part:
    """How the supervisor runs it."""
    command = [sys.executable, "-m", "app.network.no_price", *map(str, sockets)]
    return Part("no-price", lambda: command, environ=environ)


class Teller:
    """A new socket is a new start; for a while after it geth may still set its own price."""

    def __init__(
        self, sockets: Sequence[Path], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.sockets, self.now = sockets, monotonic
        self.started: dict[Path, tuple[int, float]] = {}  # which socket, seen since when

    def tell(self) -> None:
        """Once, to each that started lately; who isn't there hears it the next time."""
        for socket in self.sockets:
            with contextlib.suppress(OSError, RpcError):
                if self._started_lately(socket):
                    ask(socket, "miner_setGasPrice", "0x0")

    def _started_lately(self, socket: Path) -> bool:
        made = socket.stat().st_ctime_ns
        if self.started.get(socket, (0, 0.0))[0] != made:
            self.started[socket] = made, self.now()
        return self.now() - self.started[socket][1] < SETTLING


if __name__ == "__main__":
    teller = Teller([Path(name) for name in sys.argv[1:]])
    while True:
        teller.tell()
        time.sleep(PAUSE)
