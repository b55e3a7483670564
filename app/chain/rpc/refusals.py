"""What a node's refusal means, by its text: the one place that knows the texts of nodes.

Read off Anvil, Besu, geth and Kaia; `tests/support/node_texts.py` holds what each of them says. A
text that is not known here is `NodeRefused`: what was asked is held and the operator told.
"""

from __future__ import annotations

from typing import Any

from app.chain.errors import (
    AlreadyKnown,
    ChainError,
    NodeBehind,
    NodeBusy,
    NodeRefused,
    NonceGap,
    NonceUsed,
    NotAllowed,
    NotFunded,
    NotKnownThere,
    RangeTooLarge,
    TooMuchGas,
    Underpriced,
)

_BY_TEXT: tuple[tuple[type[ChainError], tuple[str, ...]], ...] = (  # the first that fits counts
    (
        NotKnownThere,
        ("method not found", "does not exist/is not available", "method not enabled"),
    ),
    (NodeBusy, ("unknown transaction",)),  # before "known transaction", which it contains
    (AlreadyKnown, ("already known", "known transaction", "already imported")),
    (NonceUsed, ("nonce too low", "nonce below")),
    (
        NonceGap,
        (
            "nonce too high",
            "too far in the future",
            "nonce is too distant",
            "nonce too distant",
            "nonce gap",
            "invalid transaction with a lower nonce exists",
        ),
    ),
    (
        NotFunded,
        (
            "insufficient funds",
            "upfront cost exceeds",
            "up-front cost",
            "upfront gas cost",
            "transaction fee cap exceeded",
        ),
    ),
    (
        Underpriced,
        (
            "underpriced",
            "insufficient gas price to replace",
            "same nonce in the tx pool",
            "gas price below",
            "fee per gas less than block base fee",
            "invalid unit price",
            "invalid gas fee cap",
            "invalid gas tip cap",
            "invalid gas price",
        ),
    ),
    (
        TooMuchGas,
        (
            "exceeds block gas limit",
            "greater than the block gas limit",
            "greater than the cap",
            "intrinsic gas too high",
            "gas limit too high",
            "transaction gas limit",
            "oversized data",
        ),
    ),
    (NotAllowed, ("not authorized", "not permitted", "unauthorized")),
    (
        NodeBehind,
        (
            "missing trie node",
            "world state unavailable",
            "world state not available",
            "header not found",
            "unknown block",
            "blockoutofrange",
            "historical state",
        ),
    ),
    (
        NodeBusy,
        (
            "pool is full",
            "pool limit",
            "pool not enabled",
            "account limit exceeded",
            "too many requests",
            "rate limit",
            "not ready",
            "syncing",
            "initial sync",
            "timeout",
            "timed out",
            "internal error",
            "method handler crashed",
            "max batch size",
        ),
    ),
)
_RANGE_TEXTS = ("range", "too many", "more than", "limit", "response size", "timeout", "timed out")


_NO_REQUEST = (-32600, -32700)  # what a node says that knows no batches (JSON-RPC 2.0)
_SIZE_TEXTS = ("large", "size", "limit", "exceed", "too many", "more than")


def fewer(error: dict[str, Any], asked: int) -> int | None:
    """How many questions it will take in one request, when that is what it refuses; else None."""
    text = str(error.get("message", "")).lower()
    if "batch" not in text and error.get("code") not in _NO_REQUEST:
        return None
    return max(asked // 2, 1) if any(known in text for known in _SIZE_TEXTS) else 1


def classify(method: str, code: int, message: str) -> ChainError:
    """The error for a node's refusal of `method`; reverts are told apart before (`codec.py`)."""
    text = message.lower()
    if method == "eth_getLogs" and any(known in text for known in _RANGE_TEXTS):
        return RangeTooLarge(message)
    for kind, texts in _BY_TEXT:
        if any(known in text for known in texts):
            return kind(message)
    if code == -32005:  # "limit exceeded" (EIP-1474)
        return NodeBusy(message)
    return NodeRefused(f"{method}: {message} ({code})")
