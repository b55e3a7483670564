"""The conditions that hold for every kind of deed, as the form shows them: which kinds, which
proof, how late."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import Problem
from app.rewards.rule_sets.published import MOST_DAYS
from app.rewards.rule_sets.rule_format import PAYABLE_PROOF_LEVELS
from app.web.rule_sets import rule_calendars
from app.web.rule_sets.rule_slots import YES, Entry, Form, free

REWARDED, PROOF, AGE, CALENDAR = "rewarded", "proof", "age", "calendar"
_LISTS = ("conditions", "tariffs", "adjustments", "limits")
Rules = Mapping[str, Any]


@dataclass(frozen=True)
class Rated:
    """The kinds of deed that were given an amount, and those that have none any more."""

    new: Collection[str]
    gone: Collection[str]


def whole(rules: Rules) -> dict[str, Entry]:
    """The first condition of each sort that says nothing else."""
    found: dict[str, Entry] = {}
    for entry in rules["conditions"]:
        if name := _sort(entry):
            found.setdefault(name, entry)
    return found


def _sort(entry: Entry) -> str | None:
    if rule_calendars.is_whole(entry):
        return CALENDAR
    if set(entry) != {"id", "order", "require"}:
        return None
    ((kind, value),) = entry["require"].items()
    if kind == "action_type" or (kind == "any" and not value and entry["id"] == REWARDED):
        return REWARDED
    if kind == "proof_level":
        known = [one for one in PAYABLE_PROOF_LEVELS if one in value["in"]]
        return PROOF if known == value["in"] else None
    if kind == "recorded_within" and set(value) == {"days", "unknown"}:
        return AGE if value["unknown"] == "fail" and value["days"] <= MOST_DAYS else None
    return None


def whole_typed(name: str, entry: Entry) -> dict[str, str]:
    """What the form shows of one."""
    if name == PROOF:
        return {f"proof_{level}": YES for level in entry["require"]["proof_level"]["in"]}
    if name == AGE:
        return {"max_age_days": str(entry["require"]["recorded_within"]["days"])}
    if name == CALENDAR:
        return {CALENDAR: rule_calendars.typed(entry)}
    return {}


def put_whole(conditions: list[Entry], base: Rules, form: Form, rated: Rated) -> None:
    """Changes them; what the base doesn't ask at all may stay so. Raises Problem."""
    old = whole(base)
    if REWARDED in old:
        _replace(conditions, old[REWARDED], _admitted(old[REWARDED], rated))
    proofs = [one for one in PAYABLE_PROOF_LEVELS if form.get(f"proof_{one}") == YES]
    if PROOF in old and not proofs:
        raise Problem("proof-missing", field=f"proof_{PAYABLE_PROOF_LEVELS[0]}")
    asked: dict[str, Entry] = {PROOF: {"proof_level": {"in": proofs}}} if proofs else {}
    text = form.get("max_age_days", "").strip()
    if AGE in old or text:
        asked[AGE] = {"recorded_within": {"days": _days(text), "unknown": "fail"}}
    for name, require in asked.items():
        if name in old:
            _replace(conditions, old[name], require)
        else:
            conditions.append(fresh(name, conditions, base) | {"require": require})
    _put_calendar(conditions, base, old.get(CALENDAR), rule_calendars.asked(form.get(CALENDAR, "")))


def _put_calendar(
    conditions: list[Entry], base: Rules, old: Entry | None, asked: Entry | None
) -> None:
    if old is None:
        conditions += [fresh(CALENDAR, conditions, base) | asked] if asked else []
        return
    at = conditions.index(old)
    names = {name: old[name] for name in ("id", "order")}
    conditions[at : at + 1] = [names | asked] if asked else []


def _admitted(entry: Entry, rated: Rated) -> Entry:
    types = entry["require"].get("action_type", {}).get("in", [])
    now = [kind for kind in types if kind not in rated.gone]
    now += [kind for kind in rated.new if kind not in types]
    return {"action_type": {"in": now}} if now else {"any": []}


def _replace(conditions: list[Entry], old: Entry, require: Entry) -> None:
    conditions[conditions.index(old)] = {**old, "require": require}


def _days(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and len(text) < 4 and int(text) <= MOST_DAYS):
        raise Problem("age-not-understood", field="max_age_days")
    return int(text)


def fresh(name: str, entries: Collection[Entry], base: Rules) -> Entry:
    """An id that no entry of the rule set has, and the next place of its list."""
    taken = ids(base) | {entry["id"] for entry in entries}
    last = max((int(entry["order"]) for entry in entries), default=0)
    return {"id": free(name, taken), "order": last + 1}


def ids(rules: Rules) -> set[str]:
    return {entry["id"] for part in _LISTS for entry in rules.get(part, ())}
