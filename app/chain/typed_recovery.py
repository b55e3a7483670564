"""What is signed for Recovery: an owner's change of account, and what goes with a recovery.

As in `typed`: the words must equal the contract's `hash…` views. Acceptances are `typed.Acceptance`
under this contract's domain, over the digest of a move, forward or release.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.chain.typed import Struct

RECOVERY = "Civis Recovery"


@dataclass(frozen=True)
class Move(Struct):
    """The owner goes on with another account and takes `amount` cents along."""

    TYPE = "Move(bytes32 programmeId,address from,address to,uint128 amount,bytes32 nonce)"
    programme_id: bytes
    sender: str
    receiver: str
    amount: int
    nonce: bytes


@dataclass(frozen=True)
class Forward(Struct):
    """What reached a replaced account later goes on to its successor."""

    TYPE = "Forward(bytes32 programmeId,address from,uint128 amount,bytes32 nonce)"
    programme_id: bytes
    sender: str
    amount: int
    nonce: bytes


@dataclass(frozen=True)
class Release(Struct):
    """How much of the old account is promised to payees and stays there."""

    TYPE = "Release(bytes32 recoveryId,uint128 holds)"
    recovery_id: bytes
    holds: int


@dataclass(frozen=True)
class Objection(Struct):
    """The old key's no."""

    TYPE = "Objection(bytes32 recoveryId)"
    recovery_id: bytes
