"""No contract moves tokens or goes on with the registry's books unread.

Whoever may do that is named by events of contracts that we read. One that the record does not know
stops the reading right there, before its blocks are stored: either the record was not brought up to
date, and reading goes on once it is, or somebody else had the timelock decide.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.chain.contracts.codec import decode_event, event_topic
from app.chain.edge import Edge
from app.chain.errors import UnknownContract
from app.chain.rpc.answers import Log

GIVING = (("Programmes", "MoverChanged"), ("ActionRegistry", "HandedOver"))


def check_known(edge: Edge, logs: Iterable[Log]) -> None:
    """Raises UnknownContract."""
    known = edge.heard
    giving = {
        event_topic("Programmes", "MoverChanged"),
        event_topic("ActionRegistry", "HandedOver"),
    }
    for log in logs:
        event = decode_event(log.topics, log.data) if giving.intersection(log.topics[:1]) else None
        if event is None or event.arguments.get("kinds") == 0:
            continue
        if event.name == "MoverChanged":
            newcomer, right = event.arguments["mover"], "move tokens"
        else:
            newcomer, right = event.arguments["successor"], "go on with the registry's books"
        if newcomer not in known:
            raise UnknownContract(f"{newcomer} may {right} from block {log.block_number} on")
