"""What an example deed would bring under rules that nobody has confirmed yet, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from app.errors import Problem
from app.impact.catalogue import ActionType, catalogue
from app.rewards.language.action import Action
from app.rewards.language.compiling import compile_rules
from app.rewards.language.explaining import explain
from app.rewards.language.words import sentences
from app.rewards.published import general
from app.rewards.rule_format import IDENTITY_LEVELS
from app.web.deeds import quantity as quantity_words
from app.web.words import locale

MOST = 10**12


def example(
    rules: Mapping[str, Any], form: Mapping[str, str], day: date, zone: ZoneInfo
) -> SimpleNamespace:
    """The chosen deed on a day without another one. Raises Problem example-not-understood."""
    kind = _kind(form.get("example_kind", ""))
    level = form.get("example_level", "")
    level = level if level in IDENTITY_LEVELS else "contact"
    amount = _quantity(form.get("example_quantity", ""), kind)
    begin = datetime.combine(day, time(12), zone)
    deed = Action(
        at=begin,
        citizen="example",
        action_type=kind.id,
        quantity=amount,
        unit=kind.unit,
        distance_m=amount if kind.unit == "m" else None,
        proof_level=rules["proof_levels"][-1],
        identity_level=level,
        recorded_at=begin,
    )
    worth = explain(compile_rules(general(rules, zone.key).data), deed, {})
    return SimpleNamespace(
        name=kind.name[locale()],
        amount=quantity_words(amount, kind),
        cents=worth.cents,
        lines=sentences(worth.lines, locale()),
    )


def _kind(slug: str) -> ActionType:
    known = {kind.id: kind for kind in catalogue().action_types()}
    if slug not in known:
        raise Problem("example-not-understood", field="example_kind")
    return known[slug]


def _quantity(text: str, kind: ActionType) -> int:
    try:
        amount = Decimal("".join(text.split()).replace(",", ".")) * kind.entry_size
    except InvalidOperation as error:
        raise Problem("example-not-understood", field="example_quantity") from error
    if not (amount.is_finite() and 1 <= amount <= MOST):
        raise Problem("example-not-understood", field="example_quantity")
    return int(amount)
