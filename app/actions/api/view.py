"""A deed as the API shows it: with its unit, its amount in sentences, its reason in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.actions.codes import explain as explain_reason
from app.actions.codes import explain_reversal
from app.actions.models import Action, ActionState
from app.actions.told import plain
from app.context import db_session, language, now
from app.impact.catalogue import catalogue
from app.rewards.batches.waiting import Wait, waits_of
from app.rewards.language.lines import Line
from app.rewards.language.words import sentence
from app.rewards.valuing.found_facts import asked


def shown(action: Action) -> dict[str, Any]:
    return _shown(action, waits_of(db_session(), [action], now()))


def _shown(action: Action, waits: Mapping[UUID, Wait]) -> dict[str, Any]:
    reason, remedy, wait = None, None, waits.get(action.id)
    if action.reason_code is not None:
        explained = explain_reversal if action.state is ActionState.REVERSED else explain_reason
        reason, remedy = explained(action.reason_code, language(), action.reason_values)
    return {
        **action.model_dump(exclude={"explanation"}),
        "unit": unit_of(action),
        "told": plain(action.told),
        "explanation": [_line(line) for line in action.explanation],
        "asks": asks(action),
        "reason": reason,
        "remedy": remedy,
        "waits_for": wait.reason if wait else None,
        "waits_until": wait.until if wait else None,
    }


def asks(action: Action) -> list[str]:
    """What officers may find out for it."""
    waits = action.state is ActionState.RECORDED
    return asked(action.explanation) if waits else []


def page_of(found: tuple[Sequence[Action], str | None]) -> dict[str, Any]:
    rows, cursor = found
    waits = waits_of(db_session(), rows, now())
    return {"items": [_shown(row, waits) for row in rows], "next_cursor": cursor}


def unit_of(action: Action) -> str:
    return catalogue().action_type(action.action_type_id, action.action_type_version).unit


def entered(action: Action) -> dict[str, Any]:
    """Without whose it is."""
    return {**action.model_dump(), "unit": unit_of(action)}


def _line(stored: dict[str, Any]) -> dict[str, Any]:
    line = Line.from_json(stored).for_owner()
    cents = str(stored["cents"])  # exact, a fraction of a cent too
    return {
        "rule": line.rule,
        "code": line.code,
        "cents": cents,
        "sentence": sentence(line, language()),
    }
