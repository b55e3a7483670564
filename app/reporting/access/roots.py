"""The access log's daily roots as the chain has them."""

from __future__ import annotations

from collections.abc import Callable

from app.chain.log_seals import KIND
from app.reporting.audit.evidence import Contract
from app.reporting.audit.node import Node

RootOf = Callable[[int], bytes | None]  # of a day since 1970-01-01


def roots_on_chain(node: Node, anchor: str) -> RootOf:
    """Asks the contract at the node's head, which raises CannotCheckError."""
    contract = Contract(node, "Anchor", anchor, node.head())

    def root_of_day(day: int) -> bytes | None:
        root: bytes = contract("rootOf", KIND, day)
        return root if any(root) else None

    return root_of_day
