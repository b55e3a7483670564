"""What a rule set may pay at all, whatever else an action is: its kinds of action, and how late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.rewards.language.three import Truth, all3, any3, not3

Rules = Mapping[str, Any]
Predicate = Mapping[str, Any]


def takes(rules: Rules, action_type: str) -> bool:
    """Whether some action of the kind could be worth something."""
    for condition in rules["conditions"]:
        if _said(condition, "when", action_type) is not True:
            continue
        required = _said(condition, "require", action_type)
        excluded = _said(condition, "exclude", action_type, absent=False)
        if required is False or excluded is True:
            return False
    return bool(tariffs_for(rules, action_type))


def tariffs_for(rules: Rules, action_type: str) -> list[Mapping[str, Any]]:
    """The tariffs that may hold for the kind, in no order."""
    return [one for one in rules["tariffs"] if _said(one, "when", action_type) is not False]


def longest_wait(rules: Rules) -> int | None:
    """After how many days a recording is worth nothing by a condition; None: none says."""
    days = [
        part["recorded_within"]["days"]
        for condition in rules["conditions"]
        if "when" not in condition and "require" in condition
        for part in _each(condition["require"])
        if "recorded_within" in part
    ]
    return min(days, default=None)


def _each(predicate: Predicate) -> Iterator[Predicate]:
    """Down through `all`: whatever must hold by itself."""
    if "all" in predicate:
        for part in predicate["all"]:
            yield from _each(part)
    else:
        yield predicate


def _said(entry: Rules, word: str, action_type: str, *, absent: bool = True) -> Truth:
    return _settled(entry[word], action_type) if word in entry else absent


def _settled(predicate: Predicate, action_type: str) -> Truth:
    """What the kind of action alone decides."""
    ((kind, said),) = predicate.items()
    if kind == "action_type":
        return action_type in said["in"]
    if kind == "not":
        return not3(_settled(said, action_type))
    if kind in ("all", "any"):
        parts = [_settled(part, action_type) for part in said]
        return all3(*parts) if kind == "all" else any3(*parts)
    return None
