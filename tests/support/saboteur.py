"""A worker that ends itself by SIGKILL at one exact instant, of which a kill from outside only
sometimes hits the right one. Everything else about it is the real one's.

    python -m tests.support.saboteur stored|sent|range
"""

from __future__ import annotations

import os
import signal
import sys

from sqlalchemy.orm import Session

from app.chain.contracts.events import Listeners
from app.chain.indexing import finals
from app.chain.rpc.client import ChainClient
from app.chain.sending import sender
from workers.__main__ import main

CUT = ("batcher", "sender")  # the jobs that bring a deed so far


def _end(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stored() -> tuple[str, ...]:
    """Signed, stored and committed; nothing has been sent."""
    sender.broadcast = _end  # type: ignore[assignment,attr-defined]
    return CUT


def sent() -> tuple[str, ...]:
    """The node has it; the row does not know."""
    real = ChainClient.send_raw

    def send_raw(self: ChainClient, raw: bytes) -> None:
        real(self, raw)
        _end()

    ChainClient.send_raw = send_raw  # type: ignore[method-assign]
    return CUT


def ranged() -> tuple[str, ...]:
    """Events of a range are told and written; the transaction is still open."""
    real = finals.tell

    def tell(
        session: Session, first: int, last: int, listeners: Listeners, *, careful: bool = False
    ) -> int:
        told = real(session, first, last, listeners, careful=careful)
        session.flush()
        if told:
            _end()
        return told

    finals.tell = tell
    return (*CUT, "confirmer", "indexer")


POINTS = {"stored": stored, "sent": sent, "range": ranged}

if __name__ == "__main__":
    sys.exit(main(list(POINTS[sys.argv[1]]())))
