"""What an amount under zero leaves: set against later ones of the same person and programme.

It is a counter like others, locked, kept and counted anew by a replay with them. Its name is one
that no limit can have. Under zero it says what a correction left to be added.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.rewards.language.action import Action
from app.rewards.language.counting import Key as RuleKey
from app.rewards.language.credit import budget_for, credited
from app.rewards.language.explaining import explain
from app.rewards.language.firsts import takes_first
from app.rewards.language.lines import Decision
from app.rewards.models import RewardCounter
from app.rewards.rule_sets.published import Ruling
from app.rewards.valuing.caps import limit_key
from app.rewards.valuing.evaluations import FIRST, NO_RULES, OWED, Wanted, forget_hours

_SPAN = limit_key(*OWED, "", "always")[1]


class Valued(NamedTuple):
    """`amount_cents`: what the limits left, which may be negative; the decision has the credit."""

    amount_cents: int
    decision: Decision


def value(
    ruling: Ruling | None,
    action: Action,
    wants: Sequence[Wanted],
    after: MutableMapping[RuleKey, int],
    left: int,
) -> Valued:
    """What the rules say of a deed that was looked at, and what of it is credited; raises the
    counters `after`. `left`: what the budget has, which bounds the credit alone."""
    if ruling is None:
        return Valued(0, NO_RULES)
    key = next((one.rule_key for one in wants if one.name == OWED[0]), None)
    owed = 0 if key is None else after[key]
    found = explain(ruling.program, action, after, budget_for(left, owed))
    first = (FIRST, action.citizen or "", 0)
    if not after[first] and takes_first(ruling.program, action, found.before):
        after[first] = 1  # by the one deed that is it, so that this one's return frees it
    if key is None or found.before is None:
        return Valued(found.cents, found)
    decision, after[key] = credited(found, owed, left)
    return Valued(found.cents, decision)


def owed_by(session: Session, person_id: UUID) -> dict[UUID, int]:
    """By programme, where it isn't nothing."""
    query = select(col(RewardCounter.programme_id), col(RewardCounter.cents)).where(
        col(RewardCounter.scope) == f"person:{person_id}",
        col(RewardCounter.span) == _SPAN,
        col(RewardCounter.cents) != 0,
    )
    return {programme: int(cents) for programme, cents in session.execute(query)}


def forget_with_hours(session: Session, person_id: UUID) -> None:
    """Of a closed account: hour and place of its deeds, and what it owes, since there are no later
    ones to set it against."""
    forget_hours(session, person_id)
    session.execute(
        update(RewardCounter)
        .where(col(RewardCounter.scope) == f"person:{person_id}", col(RewardCounter.span) == _SPAN)
        .values(cents=0)
    )
