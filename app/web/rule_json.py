"""A rule set of the general language as an officer types it: what is wrong, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from app.impact.catalogue import ActionType, catalogue
from app.json_depth import TooDeepError
from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.reading import read_text
from app.rewards.language.action import Action, Outside
from app.rewards.language.compiling import Result, compile_rules
from app.rewards.language.faults import InvalidRulesError
from app.rewards.language.loading import Vocabulary, load
from app.rewards.language.taken import takes
from app.rewards.published import GENERAL, Refusal, checked, general
from app.rewards.rule_cautions import programme_cautions
from app.rewards.rule_format import IDENTITY_LEVELS, PAYABLE_PROOF_LEVELS
from app.web import formats
from app.web.deeds import quantity
from app.web.words import gettext as _
from app.web.words import locale

MOST_FAULTS = 20
SAMPLE_SIZES: Mapping[str, int] = {"m": 4}  # of the unit people enter; one of all others


@dataclass(frozen=True)
class Fault:
    """`place`: the path in the JSON, or line and column where it is none."""

    place: str
    says: str


@dataclass(frozen=True)
class Typed:
    """`data` is canonical, and None where there are faults."""

    data: dict[str, Any] | None
    faults: list[Fault] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)


def read(text: str, before: Mapping[str, Any] | None = None, time_zone: str = "UTC") -> Typed:
    """What was typed, and what is odd about it after the stored rules `before`; never raises."""
    try:
        rules = read_text(text)
    except CampaignError as error:
        return Typed(None, [Fault(error.path, _("this is no JSON: %(what)s", what=_why(error)))])
    if isinstance(rules, dict) and rules.get("version") == 1:
        return Typed(None, [Fault("$.version", _("version 1 is what the form is for; write 2"))])
    types = [kind.id for kind in catalogue().action_types()]
    try:
        load(rules, Vocabulary(types, PAYABLE_PROOF_LEVELS, IDENTITY_LEVELS))
    except InvalidRulesError as error:
        return Typed(None, [_fault(one.path, one.sentence(locale())) for one in error.faults])
    found = checked(rules, types)
    if isinstance(found, Refusal):
        return Typed(None, [Fault(found.path, found.said(locale()))])
    odd = programme_cautions(found, before, time_zone)
    return Typed(found, cautions=[one.sentence(locale()) for one in odd])


def _why(error: CampaignError) -> str:
    """In the reader's language; what a file of facts is told is English."""
    found = error.__cause__
    if isinstance(found, json.JSONDecodeError):
        return _("line %(line)s, column %(column)s", line=found.lineno, column=found.colno)
    if isinstance(found, TooDeepError):
        return _("too many parts inside one another")
    return _("a name is there twice in an object, or a number can’t be read")


def _fault(path: str, sentence: str) -> Fault:
    return Fault(path, sentence.removeprefix(path).strip())


def written(rules: Mapping[str, Any], time_zone: str) -> str:
    """A stored rule set as the text to change."""
    data = {**general(rules, time_zone).data, "version": GENERAL}
    return json.dumps(data, ensure_ascii=False, indent=2)


def samples(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    time_zone: str,
    now: datetime,
    outside: Callable[[Mapping[str, Any]], Outside],
) -> list[SimpleNamespace]:
    """One deed of each kind that either version takes, of a person without another one.
    `outside`: what a rule set names and doesn't hold."""
    old, new = (general(rules, time_zone).data for rules in (before, after))
    programs = [compile_rules(rules, outside(rules)) for rules in (old, new)]
    found = []
    for kind in catalogue().action_types():
        if takes(old, kind.id) or takes(new, kind.id):
            deed = _sample(kind, now)
            was, will = (program.decide(deed, {}) for program in programs)
            found.append(
                SimpleNamespace(
                    what=f"{kind.name[locale()]}, {quantity(deed.quantity or 0, kind)}",
                    was=_said(was),
                    will=_said(will),
                    differs=_said(was) != _said(will),
                )
            )
    return found


def _said(result: Result) -> str:
    return _("to be found out") if result.before is None else formats.tokens(result.cents)


def _sample(kind: ActionType, now: datetime) -> Action:
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
        recorded_at=at,
        trip="sample",
    )
