"""A credit is never negative: what an amount takes away is set against later ones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from app.rewards.language.counting import BUDGET
from app.rewards.language.lines import Decision, Line


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


def budget_for(room: int | None, owed: int) -> int | None:
    """What bounds the amount: what is set against something costs the budget nothing."""
    return None if room is None else room + max(0, owed)


def credited(found: Decision, owed: int, room: int | None) -> tuple[Decision, int]:
    """A decision by `budget_for(room, owed)` with its credit in place of its amount, and a line
    for what is set against it, or against others; and what is owed after."""
    credit, after = settle(found.cents, owed, room)
    lines = [_of_budget(line, owed) for line in found.lines]
    if credit != found.cents:
        code = "to_set_against" if found.cents < 0 else "set_against" if owed > 0 else "added_on"
        values: dict[str, Any] = {"owed_cents": abs(owed), "still_cents": abs(after)}
        lines.append(Line("", code, Fraction(credit - found.cents), values))
    return replace(found, cents=credit, lines=tuple(lines)), after


def _of_budget(line: Line, owed: int) -> Line:
    """What the budget itself has."""
    if line.rule != BUDGET or owed <= 0:
        return line
    return replace(line, values={**line.values, "left_cents": line.values["left_cents"] - owed})
