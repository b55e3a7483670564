"""What a deed would get now, with somebody's own counters as they stand; nothing is counted."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.rewards.language.action import Action
from app.rewards.language.lines import Decision
from app.rewards.models import Programme, RewardCounter
from app.rewards.money.budget import budget_of
from app.rewards.valuing.evaluations import look, wanted
from app.rewards.valuing.owed import value
from app.rewards.valuing.terms import in_force, may_owe, versions


def would_get(session: Session, programme: Programme, action: Action) -> Decision | None:
    """By the rules of its moment; None where none hold. No row is locked, so another deed may be
    counted first."""
    known = versions(session, programme.id)
    holding = in_force(known, action.at)
    if holding is None:
        return None
    wants = wanted(holding.rules, action, may_owe=may_owe(known))
    counters = {}
    for one in wants:
        row = session.get(RewardCounter, (programme.id, *one.key))
        used = 0 if row is None else row.cents if one.counts == "cents" else row.actions
        counters[one.rule_key] = used
    left = max(0, budget_of(session, programme, action.at).left)
    look(holding.rules, action, counters)
    return value(holding.rules, action, wants, counters, left).decision
