"""What the chain says of a programme's end, beside its closing."""

from __future__ import annotations

from dataclasses import dataclass

from app.chain.contracts.events import Event


@dataclass(frozen=True)
class ReturnConfirmed(Event):
    """Two treasurers say that this went back to the funder."""

    programme_id: bytes
    bank_reference: bytes
    amount: int
