"""The limits that the form shows, a row each, in their stated order, there and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import Problem
from app.rewards.language.counting import counter_of
from app.rewards.rule_sets.rule_format import IDENTITY_LEVELS
from app.web import formats
from app.web.rule_sets.rule_slots import Entry, Form, free
from app.web.rule_sets.rule_whole import ids

WHOSE = ("citizen", "partner", "attester", "trip", "programme")
PERIODS = ("day", "week", "month", "year", "always")
COUNTS = ("cents", "actions")
AT_LIMIT = ("cut", "refuse", "overshoot")
FIELDS = ("id", "order", "per", "level", "kind", "period", "counts", "most", "zone", "at")
MOST_ROWS = 60
_OF_COUNTER = ("per", "period", "counts", "time_zone")


def typed(limit: Mapping[str, Any]) -> dict[str, str]:
    """A row of the form, whatever the limit says; whether that is all of it, `written` tells."""
    most, when = limit["most"], _parts(limit.get("when"))
    cents = limit["counts"] == "cents"
    return {
        "id": limit["id"],
        "order": str(limit["order"]),
        "per": limit["per"],
        "level": _only(when, "identity_level"),
        "kind": _only(when, "action_type"),
        "period": limit["period"],
        "counts": limit["counts"],
        "most": (formats.plain_euros(most) if cents else str(most)) if type(most) is int else "",
        "zone": limit["time_zone"],
        "at": limit["at_limit"],
    }


def _parts(when: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [] if when is None else list(when.get("all", [when]))


def _only(parts: list[Mapping[str, Any]], kind: str) -> str:
    found = [part[kind]["in"] for part in parts if kind in part]
    return str(found[0][0]) if found and len(found[0]) == 1 else ""


def numbers(form: Form) -> list[int]:
    """Of the rows that were sent."""
    return [n for n in range(MOST_ROWS) if f"cap{n}_most" in form]


def row(form: Form, n: int) -> dict[str, str]:
    return {name: form.get(f"cap{n}_{name}", "").strip() for name in FIELDS}


def written(said: Mapping[str, str], where: str) -> Entry:
    """The limit of a row, without id, order and counter. Raises Problem cap-not-understood."""
    whole = said["counts"] == "actions"
    most = _count(said["most"]) if whole else _most_cents(said["most"])
    if most is None:
        raise Problem("cap-not-understood", field=f"{where}_most")
    when: list[Entry] = []
    if said["level"] in IDENTITY_LEVELS:
        when.append({"identity_level": {"in": [said["level"]]}})
    if said["kind"]:
        when.append({"action_type": {"in": [said["kind"]]}})
    found: Entry = {"when": when[0] if len(when) == 1 else {"all": when}} if when else {}
    return found | {
        "per": _one_of(said["per"], WHOSE),
        "period": _one_of(said["period"], PERIODS),
        "counts": _one_of(said["counts"], COUNTS),
        "most": most,
        "time_zone": said["zone"],
        "at_limit": "refuse" if whole else _one_of(said["at"], AT_LIMIT),
    }


def _one_of(text: str, known: tuple[str, ...]) -> str:
    return text if text in known else known[0]


def _count(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _most_cents(text: str) -> int | None:
    """Nothing may be let through: that is a warning."""
    return 0 if text and not text.strip("0.,") else formats.cents_of(text)


def shows(limit: Mapping[str, Any]) -> bool:
    """Whether a row says all of it."""
    bare = {name: value for name, value in limit.items() if name not in ("id", "order", "counter")}
    try:
        return written(typed(limit), "") == bare
    except Problem:
        return False


def limits_of(form: Form, base: Mapping[str, Any]) -> list[Entry]:
    """What the form leaves of a rule set's limits, and what it adds; blank rows go."""
    shown = {one["id"]: one for one in base["limits"] if shows(one)}
    rows = [(n, row(form, n)) for n in numbers(form)]
    rows = [(n, said) for n, said in rows if said["most"]]
    stay = {said["id"] for _, said in rows} & set(shown)
    found = [one for one in base["limits"] if one["id"] not in shown]
    taken = [*found, *(shown[name] for name in sorted(stay))]
    for n, said in rows:
        bare, old = written(said, f"cap{n}"), shown.get(said["id"])
        made = _order(said, taken) | bare
        if old is not None and all(bare[word] == old[word] for word in _OF_COUNTER):
            made |= {name: old[name] for name in ("id", "counter") if name in old}
        else:
            made |= _names(bare, taken, ids(base))
        found.append(made)
        taken.append(made)
    return found


def _order(said: Mapping[str, str], taken: list[Entry]) -> Entry:
    text = said["order"]
    if text.isdecimal() and text.isascii() and len(text) < 7:
        return {"order": int(text)}
    return {"order": max((int(one["order"]) for one in taken), default=0) + 1}


def _names(bare: Entry, taken: list[Entry], known: set[str]) -> Entry:
    """A new id, and the counter that counts the same already, so that levels share it."""
    levels = bare.get("when", {}).get("identity_level", {}).get("in", ["all"])
    name = free(f"cap-{bare['period']}-{levels[0]}", known | {one["id"] for one in taken})
    shared = {counter_of(one): tuple(one[word] for word in _OF_COUNTER) for one in taken}
    usual = f"{bare['per']}-{bare['period']}" + ("-actions" if bare["counts"] == "actions" else "")
    if "action_type" in str(bare.get("when")):
        return {"id": name, "counter": free(f"{usual}-of-a-kind", set(shared))}
    same = tuple(bare[word] for word in _OF_COUNTER)
    return {"id": name, "counter": usual if shared.get(usual) == same else free(usual, set(shared))}
