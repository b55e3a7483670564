"""What an example deed would bring under rules that nobody has confirmed yet, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from types import SimpleNamespace
from typing import Any

from app.errors import Problem
from app.impact.catalogue import ActionType, catalogue
from app.rewards.explain import explain
from app.rewards.rules import IDENTITY_LEVELS, SPANS, Facts, RuleSet, apply_caps, value
from app.web.deeds import quantity as quantity_words
from app.web.words import locale

MOST = 10**12


def example(rules: Mapping[str, Any], form: Mapping[str, str], day: date) -> SimpleNamespace:
    """The chosen deed on a day without another one. Raises Problem example-not-understood."""
    kind = _kind(form.get("example_kind", ""))
    level = form.get("example_level", "")
    level = level if level in IDENTITY_LEVELS else "contact"
    amount = _quantity(form.get("example_quantity", ""), kind)
    facts = Facts(
        action_type=kind.id,
        quantity=amount,
        unit=kind.unit,
        proof_level=rules["proof_levels"][-1],
        identity_level=level,
        deed_day=day,
        recorded_day=day,
    )
    found = RuleSet.from_json(rules)
    worth = apply_caps(found, value(found, facts), facts, dict.fromkeys(SPANS, 0))
    return SimpleNamespace(
        name=kind.name[locale()],
        amount=quantity_words(amount, kind),
        cents=worth.cents,
        lines=explain(worth.lines, locale()),
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
