"""Names in place of ids, before rules or lines are put in words: nobody knows ids by heart.

What has no name keeps its id. A zone says its codes, so that a reader can check it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.rewards.language.lines import Line

Said = Mapping[str, Any]
By = Mapping[str, str]
_SHOWN = 4  # codes of a zone; the rest are counted
_MORE = {"en": "{} and {} more", "fr": "{} et {} autres"}
_OF = {"en": "“{}” ({})", "fr": "«\u00a0{}\u00a0» ({})"}


@dataclass(frozen=True)
class Names:
    """In one language, by id. `units`: the smallest unit of each action type."""

    action_type: By = field(default_factory=dict)
    partner: By = field(default_factory=dict)
    attester: By = field(default_factory=dict)
    proof_level: By = field(default_factory=dict)
    identity_level: By = field(default_factory=dict)
    zone: By = field(default_factory=dict)
    units: By = field(default_factory=dict)

    def with_zones(self, rules: Said, language: str) -> Names:
        """And the zones that a rule set holds itself."""
        own = {name: _zone(name, zone, language) for name, zone in rules.get("zones", {}).items()}
        return replace(self, zone={**own, **self.zone})


def named(rules: Said, names: Names) -> dict[str, Any]:
    """A rule set for readers alone: names stand where ids stood."""
    found = dict(rules)
    for part in ("conditions", "tariffs", "adjustments", "limits"):
        found[part] = [_entry(entry, names) for entry in rules.get(part, ())]
    return found


def named_line(line: Line, names: Names) -> Line:
    """A line of an explanation for readers."""
    values = dict(line.values)
    if "predicate" in values:
        ((kind, _),) = values["predicate"].items()
        values["predicate"] = predicate(values["predicate"], names)
        if "found" in values:
            values["found"] = getattr(names, kind, {}).get(values["found"], values["found"])
    return replace(line, values=values)


def predicate(said: Said, names: Names) -> dict[str, Any]:
    ((kind, inner),) = said.items()
    if kind in ("all", "any"):
        return {kind: [predicate(part, names) for part in inner]}
    if kind == "not":
        return {kind: predicate(inner, names)}
    return {kind: _LEAVES[kind](inner, names, kind)} if kind in _LEAVES else dict(said)


def _entry(entry: Said, names: Names) -> dict[str, Any]:
    found = dict(entry)
    for word in ("require", "exclude", "when"):
        if word in entry:
            found[word] = predicate(entry[word], names)
    if "steps" in entry:
        found["steps"] = [_entry(step, names) for step in entry["steps"]]
        if (unit := _unit(entry, names)) is not None:
            found["unit"] = unit
    return found


def _unit(tariff: Said, names: Names) -> str | None:
    """Of a tariff for action types of one unit."""
    types = tariff.get("when", {}).get("action_type", {}).get("in", ())
    units = {names.units.get(kind) for kind in types}
    return units.pop() if len(units) == 1 else None


def _listed(inner: Said, names: Names, kind: str) -> dict[str, Any]:
    by = getattr(names, kind)
    return {**inner, "in": [by.get(one, one) for one in inner["in"]]}


def _admitted(inner: Said, names: Names, kind: str) -> dict[str, Any]:
    by = getattr(names, kind)
    entries = [
        {**entry, "ids": [by.get(one, one) for one in entry["ids"]]} if "ids" in entry else entry
        for entry in inner["admitted"]
    ]
    return {**inner, "admitted": entries}


def _in_zone(inner: Said, names: Names, _: str) -> dict[str, Any]:
    return {**inner, "zone": names.zone.get(inner["zone"], inner["zone"])}


def _same_zone(inner: Said, names: Names, _: str) -> dict[str, Any]:
    return {**inner, "zones": [names.zone.get(one, one) for one in inner["zones"]]}


def _zone(name: str, zone: Said, language: str) -> str:
    kinds = [
        f"{kind} {_codes(codes, language)}"
        for kind, codes in zone.get("codes", {}).items()
        if codes
    ]
    return _OF[language].format(name, ", ".join(kinds)) if kinds else name


def _codes(codes: Sequence[str | Said], language: str) -> str:
    shown = ", ".join(one if isinstance(one, str) else one["code"] for one in codes[:_SHOWN])
    more = len(codes) - _SHOWN
    return _MORE[language].format(shown, more) if more > 0 else shown


_LEAVES: Mapping[str, Callable[[Said, Names, str], dict[str, Any]]] = {
    **dict.fromkeys(("action_type", "proof_level", "identity_level"), _listed),
    **dict.fromkeys(("partner", "attester"), _admitted),
    "in_zone": _in_zone,
    "same_zone": _same_zone,
}
