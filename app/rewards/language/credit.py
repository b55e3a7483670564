"""A credit is never negative: what an amount takes away is set against later ones."""

from __future__ import annotations


def settle(cents: int, owed: int) -> tuple[int, int]:
    """What is credited of an amount, and what its citizen owes after."""
    if owed < 0:
        raise ValueError(f"nobody owes {owed}")
    credit = max(0, cents - owed)
    return credit, owed - cents + credit
