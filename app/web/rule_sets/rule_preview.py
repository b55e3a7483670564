"""What sample deeds would bring under rules that nobody has confirmed yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from app.errors import Problem
from app.impact.catalogue import ActionType, catalogue
from app.rewards.language.action import Action, Outside
from app.rewards.language.compiling import Result, compile_rules
from app.rewards.language.explaining import explain
from app.rewards.language.naming import Names
from app.rewards.language.taken import takes
from app.rewards.rule_sets.published import general
from app.rewards.rule_sets.rule_format import IDENTITY_LEVELS
from app.web import formats
from app.web.telling.deeds import quantity as quantity_words
from app.web.telling.explained import explained
from app.web.words import gettext as _
from app.web.words import locale

MOST = 10**12
SAMPLE_SIZES: Mapping[str, int] = {"m": 4}  # of the unit people enter; one of all others
Rules = Mapping[str, Any]


def samples(
    versions: Sequence[tuple[Rules, Outside]], time_zone: str, now: datetime
) -> list[SimpleNamespace]:
    """One deed of each kind that one of the versions takes, of a person without another one. The
    last version is the proposed one, each comes with what it names and doesn't hold."""
    told = [general(rules, time_zone).data for rules, _outside in versions]
    programs = [
        compile_rules(data, outside) for data, (_rules, outside) in zip(told, versions, strict=True)
    ]
    found = []
    for kind in catalogue().action_types():
        if any(takes(data, kind.id) for data in told):
            deed = sample(kind, now)
            *was, will = (_said(program.decide(deed, {})) for program in programs)
            found.append(
                SimpleNamespace(
                    what=f"{kind.name[locale()]}, {quantity_words(deed.quantity or 0, kind)}",
                    was=was[0] if was else None,
                    will=will,
                    differs=bool(was) and was[0] != will,
                )
            )
    return found


def _said(result: Result) -> str:
    return _("to be found out") if result.before is None else formats.tokens(result.cents)


def sample(kind: ActionType, now: datetime) -> Action:
    """A middling deed of somebody known by a contact, an hour ago: their first of this kind."""
    at = now - timedelta(hours=1)
    size = SAMPLE_SIZES.get(kind.unit, 1) * kind.entry_size
    return Action(
        at=at,
        citizen="sample",
        action_type=kind.id,
        quantity=size,
        unit=kind.unit,
        distance_m=size if kind.unit == "m" else None,
        proof_level="measured" if "measured" in kind.proof_levels else "attested",
        identity_level="contact",
        first_time=True,
        recorded_at=at,
        trip="sample",
    )


def example(
    rules: Rules,
    form: Mapping[str, str],
    time_zone: str,
    now: datetime,
    outside: Outside,
    *,
    names: Names,
) -> Any:
    """The chosen deed, line by line. Raises Problem example-not-understood."""
    level = form.get("example_level", "")
    kind, amount = chosen(form)
    deed = replace(
        sample(kind, now),
        quantity=amount,
        distance_m=amount if kind.unit == "m" else None,
        identity_level=level if level in IDENTITY_LEVELS else "contact",
    )
    data = general(rules, time_zone).data
    worth = explain(compile_rules(data, outside), deed, {})
    return SimpleNamespace(
        name=kind.name[locale()],
        amount=quantity_words(amount, kind),
        cents=worth.cents,
        why=explained(worth.lines, names),
    )


def chosen(form: Mapping[str, str]) -> tuple[ActionType, int]:
    """A kind of deed, and how much in its smallest unit. Raises Problem example-not-understood."""
    kind = _kind(form.get("example_kind", ""))
    return kind, _quantity(form.get("example_quantity", ""), kind)


def kinds() -> list[tuple[str, str]]:
    """To choose the example from."""
    return [
        (kind.id, f"{kind.name[locale()]} ({formats.unit(kind.entry_unit)})")
        for kind in catalogue().action_types()
    ]


def _kind(slug: str) -> ActionType:
    known = {kind.id: kind for kind in catalogue().action_types()}
    if slug not in known:
        raise Problem("example-not-understood", field="example_kind")
    return known[slug]


def _quantity(text: str, kind: ActionType) -> int:
    try:
        amount = Decimal("".join(text.split()).replace(",", ".")) * kind.entry_size
    except ArithmeticError as error:  # no number, or one that overflows
        raise Problem("example-not-understood", field="example_quantity") from error
    if not (amount.is_finite() and 1 <= amount <= MOST):
        raise Problem("example-not-understood", field="example_quantity")
    return int(amount)
