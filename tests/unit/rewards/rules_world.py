"""A small rule set to change, and an action to try it on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.rewards.language.action import Action, Outside
from app.rewards.language.compiling import Program, compile_rules
from app.rewards.language.loading import Vocabulary, load

KNOWN = Vocabulary(
    frozenset({"bike-trip", "repair"}),
    frozenset({"evidenced", "attested"}),
    frozenset({"card", "contact", "verified"}),
)
AT = datetime(2031, 5, 14, 10, tzinfo=UTC)  # a Wednesday
ACTION = Action(
    at=AT,
    citizen="ana",
    other="ben",
    action_type="bike-trip",
    quantity=4000,
    unit="m",
    distance_m=4000,
    partner="one",
    attester="desk",
    proof_level="attested",
    identity_level="verified",
    recorded_at=AT,
)
TARIFF: dict[str, Any] = {
    "id": "base",
    "order": 1,
    "bands": "cumulative",
    "steps": [{"fixed_cents": 100}],
}


def rules(**members: Any) -> dict[str, Any]:
    """100 cents for each action, unless the members say otherwise."""
    return {
        "version": 2,
        "time_zone": "Europe/Paris",
        "conditions": [],
        "tariffs": [TARIFF],
        "rounding": "half_up",
        "limits": [],
        **members,
    }


def condition(predicate: dict[str, Any], word: str = "require", **more: Any) -> dict[str, Any]:
    return {"id": "one", "order": 1, word: predicate, **more}


def limit(name: str, order: int, **more: Any) -> dict[str, Any]:
    """Of cents of a citizen and a day, cut; unless more is said."""
    common = {"per": "citizen", "period": "day", "counts": "cents", "time_zone": "Europe/Paris"}
    return {"id": name, "order": order, **common, "at_limit": "cut", **more}


def program(given: Outside | None = None, /, **members: Any) -> Program:
    return compile_rules(load(rules(**members), KNOWN).data, given)


def act(**fields: Any) -> Action:
    return replace(ACTION, **fields)
