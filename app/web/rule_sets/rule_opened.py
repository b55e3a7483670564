"""What of the long form of a rule set stands open: what was asked for, or holds something wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.errors import Problem
from app.web.rule_sets import rule_fields
from app.web.rule_sets.rule_json import Typed

MORE, ADD, CAP = "more:", "add", "cap"
KINDS, LIMITS, COUNTED = "kinds", "limits", "counted"
OPEN = "open"
_COUNTED = ("time_zone", "rounding", "limits_order")
_BY_PATH = {"$.limits": LIMITS, "$.time_zone": COUNTED, "$.outside": KINDS, "$.conditions": KINDS}


def row_asked(form: Mapping[str, str], step: str) -> dict[str, str]:
    """What a button adds to the form: a row for a kind of deed, or its conditions."""
    if step == ADD:
        return {f"{rule_fields.ROW}_{form.get('add_kind', '')}": "yes"}
    return {f"{rule_fields.MORE}_{step.removeprefix(MORE)}": "yes"}


def opened(form: Mapping[str, str], typed: Typed, problem: Problem | None) -> frozenset[str]:
    """Parts of the form and kinds of deed, by id; what was open before too, as scripts say it."""
    found, step = set(form.get(OPEN, "").split()), form.get("step", "")
    if step == ADD:
        found.add(form.get("add_kind", ""))
    if step == CAP:
        found.add(LIMITS)
    if step.startswith(MORE):
        found.add(step.removeprefix(MORE))
    for wrong in (problem, typed.problem):
        if wrong is not None and wrong.field:
            found.add(_part(wrong.field))
    for fault in typed.faults:
        found |= {part for path, part in _BY_PATH.items() if fault.place.startswith(path)}
    return frozenset(found)


def _part(field: str) -> str:
    """Where a field of the form stands: in a part, or in the row of a kind of deed."""
    name, _, kind = field.partition("_")
    if re.fullmatch(r"cap[0-9]+", name):
        return LIMITS
    if field in _COUNTED:
        return COUNTED
    return KINDS if name == "proof" or field in ("max_age_days", "calendar") else kind
