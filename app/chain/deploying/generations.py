"""Contracts that stand beside those in force: replaced ones, and ones that wait for a decision.

No contract can be changed, only replaced. The deployment's record names the one in force of each
kind under its own name, and the others under `others`. What an earlier desk accepted it settles
itself, and what an earlier registry took it alone tells: so whoever reads the chain reads all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.chain.contracts.artifacts import PLACES


@dataclass(frozen=True)
class Generation:
    """`contract` as in `artifacts.PLACES`; `block_number`: the first that can hold an event."""

    contract: str
    address: str
    block_number: int


def others_in(stored: Mapping[str, Any]) -> tuple[Generation, ...]:
    """Out of a deployment's record."""
    return tuple(Generation(**one) for one in stored.get("others", ()))


def standing(stored: Mapping[str, Any], contract: str) -> tuple[str, ...]:
    """Addresses of a contract by a deployment's record, the one in force first."""
    others = (one.address for one in others_in(stored) if one.contract == contract)
    return (str(stored[PLACES[contract]]), *others)
