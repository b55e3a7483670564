"""Events of Recovery, as `events` has those of the other contracts."""

from __future__ import annotations

from dataclasses import dataclass

from app.chain.contracts.events import Event


@dataclass(frozen=True)
class RecoveryConfirmed(Event):
    """Not executed before `ready_at`, in Unix seconds."""

    recovery_id: bytes
    ready_at: int


@dataclass(frozen=True)
class RecoveryExecuted(Event):
    """The new account took the old one's place; `holds` stayed for payees."""

    recovery_id: bytes
    programme_id: bytes
    old_account: str
    new_account: str
    amount: int
    holds: int


@dataclass(frozen=True)
class AccountMoved(Event):
    """By its owner."""

    move_id: bytes
    programme_id: bytes
    sender: str
    to: str
    amount: int


@dataclass(frozen=True)
class Forwarded(Event):
    """What reached a replaced account later."""

    forward_id: bytes
    programme_id: bytes
    sender: str
    to: str
    amount: int
