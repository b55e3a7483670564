"""What a node or a contract can answer instead of what was asked, told apart in one place.

Temporary: try again later, with the same bytes. Permanent: trying again changes nothing. A text
that nobody knows is Permanent (`NodeRefused`): its call is held and the operator told, never
retried blindly.
"""

# ruff: noqa: N818 - the names are states of the world, most of them nobody's mistake

from __future__ import annotations

from typing import Any


class ChainError(Exception):
    """Anything that went wrong at the chain's edge."""


class TemporaryError(ChainError):
    """Later it may work."""


class PermanentError(ChainError):
    """It will not work by waiting."""


class NodeUnreachable(TemporaryError):
    """No node answered, or the answer was no JSON-RPC. What was sent may have arrived."""


class NodeBusy(TemporaryError):
    """The node is there and refuses for now: limits, full pool, starting up."""


class NodeBehind(TemporaryError):
    """The node knows less than we have seen already."""


class NonceGap(TemporaryError):
    """A lower nonce is missing on this node: it must be sent first."""


class RangeTooLarge(TemporaryError):
    """The node won't give so many blocks or logs at once: ask for fewer."""


class AlreadyKnown(ChainError):
    """The node has exactly these bytes: as good as accepted."""


class NonceUsed(PermanentError):
    """The nonce is below the account's: ours was mined, or somebody else's."""


class NotFunded(PermanentError):
    """The signer can't pay the gas, on a chain that should be free of fees."""


class NodeRefused(PermanentError):
    """Refused with a text that this table does not know."""


class WrongChain(PermanentError):
    """Chain id or genesis are not those that the contracts were deployed on. Everything stops."""


class ChainDiverged(PermanentError):
    """A block that counted as final is not part of the chain any more. Everything stops."""


class KeyUsedElsewhere(PermanentError):
    """A transaction that isn't ours took a nonce of our key. The key stops."""


class Halted(PermanentError):
    """An incident that stops this job has not been acknowledged by the operator."""


class Reverted(PermanentError):
    """A contract refused: name and arguments of its custom error."""

    def __init__(self, name: str, arguments: dict[str, Any], data: str = "0x") -> None:
        super().__init__(f"{name}({', '.join(f'{k}={v}' for k, v in arguments.items())})")
        self.name, self.arguments, self.data = name, arguments, data


_BY_TEXT: tuple[tuple[type[ChainError], tuple[str, ...]], ...] = (
    (NodeBusy, ("unknown transaction",)),  # before "known transaction", which it contains
    (AlreadyKnown, ("already known", "known transaction", "already imported")),
    (NonceUsed, ("nonce too low", "nonce below")),
    (NonceGap, ("nonce too high", "too far in the future", "nonce too distant", "nonce gap")),
    (NotFunded, ("insufficient funds", "upfront cost exceeds", "upfront gas cost")),
    (
        NodeBusy,
        ("pool is full", "pool limit", "too many requests", "rate limit", "not ready", "syncing"),
    ),
)
_RANGE_TEXTS = ("range", "too many", "more than", "limit", "response size", "timeout", "timed out")


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
