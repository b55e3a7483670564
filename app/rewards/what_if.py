"""What a deed would get now, with somebody's own counters as they stand; nothing is counted."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.rewards.budget import budget_of
from app.rewards.evaluations import wanted
from app.rewards.language.action import Action
from app.rewards.language.explaining import explain
from app.rewards.language.lines import Decision
from app.rewards.models import Programme, RewardCounter
from app.rewards.terms import in_force, versions


def would_get(session: Session, programme: Programme, action: Action) -> Decision | None:
    """By the rules of its moment; None where none hold. No row is locked, so another deed may be
    counted first."""
    holding = in_force(versions(session, programme.id), action.at)
    if holding is None:
        return None
    counters = {}
    for one in wanted(holding.rules, action):
        row = session.get(RewardCounter, (programme.id, *one.key))
        used = 0 if row is None else row.cents if one.counts == "cents" else row.actions
        counters[one.rule_key] = used
    left = max(0, budget_of(session, programme, action.at).left)
    return explain(holding.rules.program, action, counters, left)
