"""Why a predicate holds or fails: its smallest part that settles it, with what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rewards.language.action import Action
from app.rewards.language.compiling import Program
from app.rewards.language.lines import Line, nothing
from app.rewards.language.worth import Entry

Predicate = Mapping[str, Any]
_MEASURED = ("distance_m", "quantity", "seats", "contribution_cents", "revenue_cents")


def refusal(program: Program, condition: Entry, action: Action, *, asks: bool) -> Line:
    """The line of a condition that isn't met, or that asks."""
    wanted = {"require": True, "exclude": False}
    missed = [
        word
        for word in wanted
        if word in condition and not _as_wanted(program, condition, word, action)
    ]
    if asks:
        for word in ("when", *missed):
            if word in condition and program.holds(condition[word], action) is None:
                part = _unknown(program, condition[word], action)
                return nothing(condition["id"], "to_find_out", predicate=part)
    word = missed[0]
    return _because(program, condition["id"], condition[word], action, wanted=wanted[word])


def _as_wanted(program: Program, condition: Entry, word: str, action: Action) -> bool:
    return program.holds(condition[word], action) is (word == "require")


def _because(
    program: Program, rule: str, predicate: Predicate, action: Action, *, wanted: bool
) -> Line:
    """Why a predicate isn't what was wanted of it."""
    part, wanted = _part(program, predicate, action, wanted=wanted)
    ((kind, said),) = part.items()
    if kind not in ("all", "any") and not program.knows(part, action):
        return nothing(rule, "not_known", predicate=part)
    if wanted and kind in _MEASURED:
        return _out_of_bounds(rule, kind, said, action)
    values: dict[str, Any] = {"predicate": part}
    if (found := _found(kind, action)) is not None:
        values["found"] = found
    return nothing(rule, "not_met" if wanted else "excluded", **values)


def _part(
    program: Program, predicate: Predicate, action: Action, *, wanted: bool
) -> tuple[Predicate, bool]:
    """Down through `all` of what must hold, `any` of what mustn't, and `not`."""
    ((kind, said),) = predicate.items()
    if kind == "not":
        return _part(program, said, action, wanted=not wanted)
    if (kind == "all" and wanted) or (kind == "any" and not wanted):
        for part in said:
            if program.holds(part, action) is not wanted:
                return _part(program, part, action, wanted=wanted)
    if kind in ("all", "any") and len(said) == 1:
        return _part(program, said[0], action, wanted=wanted)
    return predicate, wanted


def _unknown(program: Program, predicate: Predicate, action: Action) -> Predicate:
    ((kind, said),) = predicate.items()
    parts = said if kind in ("all", "any") else [said] if kind == "not" else []
    for part in parts:
        if program.holds(part, action) is None:
            return _unknown(program, part, action)
    return predicate


def _out_of_bounds(rule: str, kind: str, said: Mapping[str, Any], action: Action) -> Line:
    value = (action.seats or 1) if kind == "seats" else getattr(action, kind)
    values: dict[str, Any] = {"of": kind, "value": value}
    if kind == "quantity" and action.unit:
        values["unit"] = action.unit
    for word, code in (("at_least", "under_minimum"), ("above", "not_above")):
        if word in said and (value < said[word] or (word == "above" and value == said[word])):
            return nothing(rule, code, **values, bound=said[word])
    for word, code in (("at_most", "over_maximum"), ("below", "not_below")):
        if word in said and (value > said[word] or (word == "below" and value == said[word])):
            return nothing(rule, code, **values, bound=said[word])
    raise ValueError(f"{value} lies within {said}")


def _found(kind: str, action: Action) -> str | None:
    """What the action says where that helps; nobody else's name or place."""
    if kind in ("action_type", "proof_level", "proof_class", "identity_level", "partner"):
        value = getattr(action, kind)
        return None if value is None else str(value)
    return None
