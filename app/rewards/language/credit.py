"""A credit is never negative: what an amount takes away is set against later ones."""

from __future__ import annotations


def settle(cents: int, owed: int, room: int | None = None) -> tuple[int, int]:
    """What is credited of an amount, and what its citizen owes after. `owed` under zero: a
    correction left something to be added to the next amount. `room`: what may be credited.

    Credits less amounts are always what is owed, so once nothing is, both sums are the same.
    """
    if cents <= 0:
        return 0, owed - cents
    credit = max(0, cents - owed)
    if room is not None:
        credit = min(credit, max(0, room))
    return credit, owed - cents + credit
