"""What the schema can't say: names that must exist, orders once, dates that go forwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from app.rewards.language.counting import BUDGET, counter_of
from app.rewards.language.exact import fraction
from app.rewards.language.faults import Fault
from app.rewards.language.open_ends import is_open, leaves
from app.rewards.language.source import instant

Rules = Mapping[str, Any]
LISTS = ("conditions", "tariffs", "adjustments", "limits")
_AT_LIMIT = {
    "actions": ("refuse",),
    "seats": ("refuse", "overshoot"),
    "cents": ("cut", "refuse", "overshoot"),
}


@dataclass(frozen=True)
class Vocabulary:
    """What a city knows; None: anything goes."""

    action_types: Collection[str] | None
    proof_levels: Collection[str] | None
    identity_levels: Collection[str] | None

    @classmethod
    def anything(cls) -> Vocabulary:
        return cls(None, None, None)


def meaning_faults(rules: Rules, known: Vocabulary) -> list[Fault]:
    """Of a rule set whose form is right."""
    return [
        *_identities(rules),
        *_zones(rules),
        *_time_zones(rules, "$"),
        *_counters(rules),
        *(fault for entry, path in _entries(rules) for fault in _entry(rules, entry, path)),
        *(
            fault
            for predicate, path in predicates(rules)
            for kind, said, where in leaves(predicate, path)
            for fault in _leaf(rules, known, kind, said, where)
        ),
    ]


def predicates(rules: Rules) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Every predicate of an entry, with its path."""
    for entry, path in _entries(rules):
        for word in ("require", "exclude", "when"):
            if word in entry:
                yield entry[word], f"{path}.{word}"


def _entries(rules: Rules) -> Iterator[tuple[Mapping[str, Any], str]]:
    for name in LISTS:
        for index, entry in enumerate(rules.get(name, ())):
            path = f"$.{name}[{index}]"
            yield entry, path
            for number, step in enumerate(entry.get("steps", ())):
                yield step, f"{path}.steps[{number}]"


def _identities(rules: Rules) -> Iterator[Fault]:
    ids: dict[str, str] = {BUDGET: "the caller's own budget"}
    for name in LISTS:
        orders: dict[int, str] = {}
        for index, entry in enumerate(rules.get(name, ())):
            path = f"$.{name}[{index}]"
            for word, seen in (("id", ids), ("order", orders)):
                other = seen.setdefault(entry[word], path)
                if other != path:
                    yield Fault(f"{path}.{word}", "twice", {"other": other})


def _counters(rules: Rules) -> Iterator[Fault]:
    """A counter that several limits share counts one thing, once an action."""
    words = ("per", "period", "counts", "time_zone")
    seen: dict[str, Mapping[str, Any]] = {}
    together = rules.get("limits_order", "together") == "together"
    for index, limit in enumerate(rules["limits"]):
        other = seen.setdefault(counter_of(limit), limit)
        same = together and all(limit[word] == other[word] for word in words)
        if other is not limit and not same:
            values = {"other": other["id"], "words": ", ".join(words)}
            yield Fault(f"$.limits[{index}].counter", "not_shared", values)


def _zones(rules: Rules) -> Iterator[Fault]:
    outside = rules.get("outside", {})
    for name, zone in rules.get("zones", {}).items():
        if name in outside.get("zones", ()):
            other = "$.outside.zones"
            yield Fault(f"$.zones.{name}", "twice", {"other": other})
        yield from zone_faults(zone, f"$.zones.{name}")


def zone_faults(zone: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """Of a zone whose form is right."""
    for kind, codes in zone.get("codes", {}).items():
        for index, entry in enumerate(codes):
            if not isinstance(entry, str):
                yield from _days(entry, f"{path}.codes.{kind}[{index}]")


def _time_zones(value: Any, path: str) -> Iterator[Fault]:
    """Wherever one is named."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _time_zones(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for member, item in value.items():
            if member == "time_zone" and isinstance(item, str):
                yield from _time_zone(item, f"{path}.time_zone")
            else:
                yield from _time_zones(item, f"{path}.{member}")


def _time_zone(name: str, path: str) -> Iterator[Fault]:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        yield Fault(path, "wrong_form", {"example": "Europe/Paris"})


def _entry(rules: Rules, entry: Mapping[str, Any], path: str) -> Iterator[Fault]:
    yield from _kinds(entry, path)
    tests = [entry[word] for word in ("require", "exclude", "when") if word in entry]
    if "unknown" not in entry and any(is_open(test) for test in tests):
        yield Fault(f"{path}.unknown", "missing")
    if path.startswith("$.limits"):
        yield from _limit(rules, entry, path)
    if rules.get("negative", "zero") == "zero":
        yield from _negative(entry, path)
    per = entry.get("per")
    if isinstance(per, dict) and per.get("under_offset", "nothing") == "nothing":
        yield from _forwards(per, f"{path}.per", "offset", "limit")


def _kinds(entry: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """A condition asks something, an adjustment does one thing."""
    if path.startswith("$.conditions") and not {"require", "exclude"} & set(entry):
        yield Fault(path, "either_or", {"known": ["require", "exclude"]})
    kinds = ["times", "minus", "at_most", "at_least"]
    if path.startswith("$.adjustments"):
        said = [kind for kind in kinds if kind in entry]
        if len(said) != 1:
            yield Fault(path, "either_or", {"known": kinds})
        for kind in said:
            if kind != "times" and len({"cents", "field"} & set(entry[kind])) != 1:
                yield Fault(f"{path}.{kind}", "either_or", {"known": ["cents", "field"]})


def _limit(rules: Rules, entry: Mapping[str, Any], path: str) -> Iterator[Fault]:
    counts, allowed = entry["counts"], _AT_LIMIT[entry["counts"]]
    if entry["at_limit"] not in allowed:
        values = {"value": entry["at_limit"], "what": counts, "known": allowed}
        yield Fault(f"{path}.at_limit", "not_for", values)
    if isinstance(entry["most"], dict):
        yield from _declared(rules, "numbers", entry["most"]["number"], f"{path}.most.number")


def _negative(entry: Mapping[str, Any], path: str) -> Iterator[Fault]:
    amounts = [(name, entry.get(name)) for name in ("fixed_cents", "seat_cents", "times")]
    per = entry.get("per")
    if isinstance(per, dict):
        amounts += [(f"per.{name}", per.get(name)) for name in ("cents", "max_cents")]
    for name, amount in amounts:
        if amount is not None and fraction(amount) < 0:
            yield Fault(f"{path}.{name}", "negative")


def _leaf(rules: Rules, known: Vocabulary, kind: str, said: Any, path: str) -> Iterator[Fault]:
    if kind in ("action_type", "proof_level", "identity_level"):
        yield from _words(getattr(known, f"{kind}s"), said, path)
    elif kind in ("in_zone", "same_zone"):
        for name in said.get("zones", [said.get("zone")]):
            if name not in rules.get("zones", {}):
                yield from _declared(rules, "zones", name, path)
    elif kind == "in_calendar":
        yield from _declared(rules, "calendars", said["calendar"], f"{path}.calendar")
    else:
        yield from _times(kind, said, path)


def _words(allowed: Collection[str] | None, said: Any, path: str) -> Iterator[Fault]:
    for index, name in enumerate(said["in"]):
        if allowed is not None and name not in allowed:
            yield Fault(f"{path}.in[{index}]", "not_one_of", {"known": sorted(allowed)})


def _times(kind: str, said: Any, path: str) -> Iterator[Fault]:
    if kind in ("partner", "attester"):
        for index, entry in enumerate(said["admitted"]):
            yield from _instants(entry, f"{path}.admitted[{index}]")
    elif kind == "day":
        yield from _days(said, path)
    elif kind == "instant":
        yield from _instants(said, path)


def _declared(rules: Rules, kind: str, name: str, path: str) -> Iterator[Fault]:
    if name not in rules.get("outside", {}).get(kind, ()):
        where = f"outside.{kind}" + (" or zones" if kind == "zones" else "")
        yield Fault(path, "not_declared", {"name": name, "where": where})


def _days(said: Mapping[str, Any], path: str) -> Iterator[Fault]:
    for word in ("from", "to"):
        if word in said:
            try:
                date.fromisoformat(said[word])
            except ValueError:
                yield Fault(f"{path}.{word}", "no_date", {"text": said[word]})
                return
    yield from _forwards(said, path, "from", "to")


def _instants(said: Mapping[str, Any], path: str) -> Iterator[Fault]:
    for word in ("from", "before"):
        if word in said:
            try:
                instant(said[word])
            except ValueError:
                yield Fault(f"{path}.{word}", "no_date", {"text": said[word]})
                return
    yield from _forwards(said, path, "from", "before")


def _forwards(said: Mapping[str, Any], path: str, first: str, last: str) -> Iterator[Fault]:
    if first in said and last in said and said[last] < said[first]:
        yield Fault(f"{path}.{last}", "out_of_order")
