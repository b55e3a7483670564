"""A worker that ends itself by SIGKILL at one exact instant, of which a kill from outside only
sometimes hits the right one. Everything else about it is the real one's.

    python -m tests.support.saboteur stored|sent|range
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from app.chain import indexer, sender
from app.chain.client import ChainClient
from workers.__main__ import main

Real = Callable[..., Any]


def _end(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _after(real: Real) -> Real:
    def wrapped(*args: Any, **options: Any) -> None:
        real(*args, **options)
        _end()

    return wrapped


def stored() -> str:
    """Signed, stored and committed; nothing has been sent."""
    sender.broadcast = _end
    return "sender"


def sent() -> str:
    """The node has it; the row does not know."""
    ChainClient.send_raw = _after(ChainClient.send_raw)  # type: ignore[method-assign]
    return "sender"


def ranged() -> str:
    """Events of a range are told and written; the transaction is still open."""
    indexer.tell = _after(indexer.tell)  # type: ignore[assignment]
    return "indexer"


POINTS = {"stored": stored, "sent": sent, "range": ranged}

if __name__ == "__main__":
    sys.exit(main([POINTS[sys.argv[1]]()]))
