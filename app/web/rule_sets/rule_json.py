"""A rule set of the general language as an officer types it: what is wrong, and what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import Problem
from app.impact.catalogue import catalogue
from app.json_depth import TooDeepError
from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.reading import read_text
from app.rewards.language.faults import InvalidRulesError
from app.rewards.language.loading import Vocabulary, load
from app.rewards.rule_sets.published import GENERAL, Refusal, checked, general
from app.rewards.rule_sets.rule_cautions import programme_cautions
from app.rewards.rule_sets.rule_format import IDENTITY_LEVELS, PAYABLE_PROOF_LEVELS
from app.web.rule_sets import rule_form
from app.web.words import gettext as _
from app.web.words import locale

MOST_FAULTS = 20
LINE = 76  # signs of the JSON that we write


@dataclass(frozen=True)
class Fault:
    """`place`: the path in the JSON, or line and column where it is none."""

    place: str
    says: str


@dataclass(frozen=True)
class Typed:
    """`data` is canonical, and None where there are faults. `problem`: a field of the form."""

    data: dict[str, Any] | None
    faults: list[Fault] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    problem: Problem | None = None


Rules = Mapping[str, Any]


def sent(form: Mapping[str, str], before: Rules | None = None, time_zone: str = "UTC") -> Typed:
    """Rules that came as JSON or by the form's fields; never raises."""
    if "rules" in form:
        return read(form["rules"], before, time_zone)
    try:
        return found(rule_form.rules_of(form), before, time_zone)
    except Problem as problem:
        said = problem.sentence(locale())
        return Typed(None, [Fault(said.title, said.remedy)], problem=problem)


def read(text: str, before: Rules | None = None, time_zone: str = "UTC") -> Typed:
    """What was typed, and what is odd about it after the stored rules `before`; never raises."""
    try:
        rules = read_text(text)
    except CampaignError as error:
        return Typed(None, [Fault(error.path, _("this is no JSON: %(what)s", what=_why(error)))])
    if isinstance(rules, dict) and rules.get("version") == 1:
        return Typed(None, [Fault("$.version", _("version 1 is of earlier programmes; write 2"))])
    return found(rules, before, time_zone)


def found(rules: Any, before: Rules | None = None, time_zone: str = "UTC") -> Typed:
    """What is wrong with rules of version 2, or odd; never raises."""
    types = [kind.id for kind in catalogue().action_types()]
    try:
        load(rules, Vocabulary(types, PAYABLE_PROOF_LEVELS, IDENTITY_LEVELS))
    except InvalidRulesError as error:
        return Typed(None, [_fault(one.path, one.sentence(locale())) for one in error.faults])
    data = checked(rules, types)
    if isinstance(data, Refusal):
        return Typed(None, [Fault(data.path, data.said(locale()))])
    odd = programme_cautions(data, before, time_zone)
    return Typed(data, cautions=[one.sentence(locale()) for one in odd])


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
    return _indented(data, "")


def _filled(values: list[Any], margin: str) -> str:
    """As many on a line as fit."""
    lines = [margin]
    for number, value in enumerate(values, 1):
        text = json.dumps(value, ensure_ascii=False) + ("," if number < len(values) else "")
        if lines[-1] != margin and len(lines[-1]) + len(text) > LINE:
            lines.append(margin)
        lines[-1] += text if lines[-1] == margin else f" {text}"
    return "\n".join(lines)


def _indented(value: Any, margin: str) -> str:
    """What fits is on one line."""
    line, inner = json.dumps(value, ensure_ascii=False), f"{margin}  "
    if not value or len(margin + line) <= LINE or not isinstance(value, list | dict):
        return line
    if isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        return f"[\n{_filled(value, inner)}\n{margin}]"
    if isinstance(value, list):
        parts, (begin, end) = [_indented(one, inner) for one in value], "[]"
    else:
        named = ((json.dumps(name, ensure_ascii=False), one) for name, one in value.items())
        parts, (begin, end) = [f"{name}: {_indented(one, inner)}" for name, one in named], "{}"
    lines = ",\n".join(inner + part for part in parts)
    return f"{begin}\n{lines}\n{margin}{end}"
