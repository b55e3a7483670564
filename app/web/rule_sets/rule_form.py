"""A rule set as an officer types it, and back.

The form holds the rule set that it began with (`base`) and changes what it shows of it alone: what
it can't show stays as it was. Untouched, it gives back the very same rule set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import Problem
from app.impact.catalogue import ActionType, catalogue
from app.rewards.campaigns.faults import CampaignError
from app.rewards.campaigns.reading import read_text
from app.rewards.language.changed import exact_worth
from app.rewards.language.exact import MODES
from app.rewards.language.faults import InvalidRulesError
from app.rewards.language.form import canonical
from app.rewards.language.taken import tariffs_for
from app.rewards.rule_sets.published import general, is_general
from app.web.rule_sets import rule_calendars, rule_caps
from app.web.rule_sets.rule_slots import SLOTS, Entry, Form, Slot, said
from app.web.rule_sets.rule_whole import Rated, fresh, put_whole, whole, whole_typed

Rules = Mapping[str, Any]
_NAMES = ("id", "order")
_LISTS = ("conditions", "tariffs", "adjustments")
LIMITS_ORDERS = ("together", "in_turn")


def typed(rules: Rules, time_zone: str = "Europe/Paris") -> dict[str, str]:
    """What the form shows for a stored rule set of either version."""
    data = general(rules, time_zone).data
    form = {
        "base": json.dumps(data, ensure_ascii=False, separators=(",", ":")),
        "time_zone": data["time_zone"],
        "rounding": data["rounding"],
        "limits_order": data.get("limits_order", LIMITS_ORDERS[0]),
        "max_age_days": "",
    }
    for kind, slot, entry in _shown(data):
        form |= {f"{name}_{kind.id}": text for name, text in slot.read(kind, entry).items()}
    for name, entry in whole(data).items():
        form |= whole_typed(name, entry)
    for n, limit in enumerate(one for one in data["limits"] if rule_caps.shows(one)):
        form |= {f"cap{n}_{name}": text for name, text in rule_caps.typed(limit).items()}
    return form


def rules_of(form: Form) -> dict[str, Any]:
    """The rule set that was typed, in its canonical form; its meaning is checked later. Raises
    Problem that names the field."""
    base = base_of(form)
    shown = {(slot, kind.id): entry for kind, slot, entry in _shown(base)}
    lists = {part: list(base.get(part, ())) for part in _LISTS}
    for kind in catalogue().action_types():
        for slot in SLOTS:
            old = shown.get((slot, kind.id))
            _put(lists[slot.part], base, slot.write(kind, form), _Place(slot, kind, old))
    put_whole(lists["conditions"], base, form, _rated({**base, **lists}, shown, form))
    if not lists["adjustments"] and "adjustments" not in base:
        del lists["adjustments"]
    lists["limits"] = rule_caps.limits_of(form, base)
    made = {**base, **lists, **_settings(form, base)}
    return canonical({**made, **rule_calendars.declared(base, made)})


def base_of(form: Form) -> dict[str, Any]:
    """What the form began with. Raises Problem."""
    try:
        found = read_text(form.get("base", ""))
        if is_general(found):
            return general(found, "UTC").data
    except (CampaignError, InvalidRulesError):
        pass
    raise Problem("form-without-rules")


def kept(rules: Rules) -> list[str]:
    """The ids of what the form doesn't show, of a rule set of version 2."""
    shown = {entry["id"] for _, _, entry in _shown(rules)}
    shown |= {entry["id"] for entry in whole(rules).values()}
    shown |= {limit["id"] for limit in rules["limits"] if rule_caps.shows(limit)}
    entries = (entry["id"] for part in (*_LISTS, "limits") for entry in rules.get(part, ()))
    return [name for name in entries if name not in shown]


def _settings(form: Form, base: Rules) -> Entry:
    """What holds for all of it."""
    found: Entry = {"time_zone": form.get("time_zone", "").strip() or base["time_zone"]}
    if form.get("rounding") in MODES:
        found["rounding"] = form["rounding"]
    order = form.get("limits_order", LIMITS_ORDERS[0])
    if order in LIMITS_ORDERS and order != base.get("limits_order", LIMITS_ORDERS[0]):
        found["limits_order"] = order
    return found


def _shown(rules: Rules) -> Iterator[tuple[ActionType, Slot, Entry]]:
    """Entries that are wholly said by a slot, the first of each slot and kind."""
    known = {kind.id: kind for kind in catalogue().action_types()}
    seen: set[tuple[str, str]] = set()
    for slot in SLOTS:
        for entry in rules.get(slot.part, ()):
            kind = known.get(_kind(entry))
            if kind and (slot.name, kind.id) not in seen and _says(slot, kind, entry):
                seen.add((slot.name, kind.id))
                yield kind, slot, entry


def _kind(entry: Rules) -> str:
    """The one kind of deed that an entry is about."""
    types = entry.get("when", {}).get("action_type", {}).get("in", ())
    return str(types[0]) if len(types) == 1 else ""


def _says(slot: Slot, kind: ActionType, entry: Rules) -> bool:
    try:
        form = {f"{name}_{kind.id}": text for name, text in slot.read(kind, entry).items()}
        return _same(slot.write(kind, form), entry)
    except (Problem, LookupError, TypeError, ValueError, ArithmeticError):
        return False


def _same(written: Entry | None, entry: Rules) -> bool:
    bare = {name: value for name, value in entry.items() if name not in (*_NAMES, "when")}
    return written is not None and bool(exact_worth(written) == exact_worth(bare))


@dataclass(frozen=True)
class _Place:
    """Whose entry it is, and which was there."""

    slot: Slot
    kind: ActionType
    old: Entry | None


def _put(entries: list[Entry], base: Rules, said: Entry | None, place: _Place) -> None:
    """Changes, adds or takes away the entry of one kind."""
    old, when = place.old, {"when": {"action_type": {"in": [place.kind.id]}}}
    if old is not None and not _same(said, old):
        at = entries.index(old)
        names = {name: old[name] for name in _NAMES}
        entries[at : at + 1] = [] if said is None else [names | when | said]
    elif old is None and said is not None:
        entries.append(fresh(place.slot.id_of(place.kind), entries, base) | when | said)


def _rated(rules: Rules, shown: Mapping[tuple[Slot, str], Entry], form: Form) -> Rated:
    """`rules`: with the tariffs that were typed."""
    before = {kind for slot, kind in shown if slot.part == "tariffs"}
    now = [kind.id for kind in catalogue().action_types() if said(form, "rate", kind)]
    gone = {kind for kind in before - set(now) if not tariffs_for(rules, kind)}
    return Rated([kind for kind in now if kind not in before], gone)
