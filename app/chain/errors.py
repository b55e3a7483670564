"""What a node or a contract can answer instead of what was asked, by what it means for us.

Temporary: try again later, with the same bytes. Permanent: trying again changes nothing. Which
text means what stands in `refusals.py`.
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


class NodeContradicts(TemporaryError):
    """What the node says of a block contradicts what it says of it elsewhere: none of it counts."""


class NonceGap(TemporaryError):
    """A lower nonce is missing on this node: it must be sent first."""


class RangeTooLarge(TemporaryError):
    """The node won't give so many blocks or logs at once: ask for fewer."""


class UnknownContract(TemporaryError):
    """A contract that the deployment's record does not name was given a right over tokens or
    books: nothing is read past that block until the record names it."""


class AlreadyKnown(ChainError):
    """The node has exactly these bytes: as good as accepted."""


class NonceUsed(PermanentError):
    """The nonce is below the account's: ours was mined, or somebody else's."""


class NotFunded(PermanentError):
    """The signer can't pay the gas, on a chain that should be free of fees."""


class Underpriced(PermanentError):
    """The node wants a higher fee; on a chain free of fees: its pool holds other bytes of ours."""


class TooMuchGas(PermanentError):
    """More than a block holds: the transaction can't be mined as it is."""


class NotAllowed(PermanentError):
    """The network's permissions don't let this key send, or us ask."""


class NodeRefused(PermanentError):
    """Refused with a text that nobody here knows: held, told to the operator, never tried anew."""


class NotKnownThere(NodeRefused):
    """The node doesn't have this method: what it says has to be asked otherwise."""


class WrongChain(PermanentError):
    """Chain id or genesis are not those that the contracts were deployed on. Everything stops."""


class ChainDiverged(PermanentError):
    """A block that counted as final is not part of the chain any more. Everything stops."""


class KeyUsedElsewhere(PermanentError):
    """A transaction that isn't ours took a nonce of our key. The key stops."""


class NonceMissing(PermanentError):
    """No row of ours has the nonce that the chain waits for: nothing above it can ever be mined.
    The key stops."""


class Halted(PermanentError):
    """An incident that stops this job has not been acknowledged by the operator."""


class Reverted(PermanentError):
    """A contract refused: name and arguments of its custom error."""

    def __init__(self, name: str, arguments: dict[str, Any], data: str = "0x") -> None:
        super().__init__(f"{name}({', '.join(f'{k}={v}' for k, v in arguments.items())})")
        self.name, self.arguments, self.data = name, arguments, data
