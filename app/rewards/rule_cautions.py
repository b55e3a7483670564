"""What to acknowledge before a programme has a rule set: beside what looks like an oversight,
what its deeds never say (app.actions.told), and what another version would count from nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.rewards.language.action import Outside
from app.rewards.language.cautions import Caution, cautions
from app.rewards.language.counting import counter_of
from app.rewards.language.meaning import predicates
from app.rewards.language.open_ends import leaves
from app.rewards.published import general, is_general

Rules = Mapping[str, Any]


@dataclass(frozen=True)
class Kept:
    """What rules name and don't hold, as it holds on their first day."""

    outside: Outside
    last_day_to_earn: date


def programme_cautions(
    rules: Rules,
    before: Rules | None = None,
    time_zone: str = "UTC",
    kept: Kept | None = None,
) -> list[Caution]:
    """Of rules in their canonical form, and the stored ones that hold until then. `kept`: what
    they name and don't hold, where that is known."""
    found: list[Caution] = []
    if is_general(rules):
        outside = kept.outside if kept else Outside()
        whole = {**rules, "zones": {**rules.get("zones", {}), **outside.zones}}
        found += [*cautions(rules), *_never_said(whole)]
        found += _ending(rules, kept) if kept else ()
    if before is not None and (is_general(rules) or is_general(before)):
        old, new = (general(one, time_zone).data for one in (before, rules))
        found += _forgotten(old, new)
    return found


def _ending(rules: Rules, kept: Kept) -> Iterator[Caution]:
    """A calendar that says nothing of the programme's last days."""
    for index, name in enumerate(rules.get("outside", {}).get("calendars", ())):
        last = max(kept.outside.calendars[name])
        if last < kept.last_day_to_earn:
            values = {"last": last.isoformat(), "name": name}
            yield Caution(f"$.outside.calendars[{index}]", "calendar_ends", values)


def _never_said(rules: Rules) -> Iterator[Caution]:
    """Deeds tell the rest where a partner or a clerk says it, but codes alone of a place."""
    for predicate, path in predicates(rules):
        for kind, said, where in leaves(predicate, path):
            if any("polygon" in _zone(rules, name) for name in _zones_of(kind, said)):
                yield Caution(where, "never_said")


def _zones_of(kind: str, said: Any) -> list[str]:
    if kind == "in_zone":
        return [said["zone"]]
    return list(said["zones"]) if kind == "same_zone" else []


def _zone(rules: Rules, name: str) -> Rules:
    zone: Rules = rules.get("zones", {}).get(name, {})
    return zone


def _forgotten(before: Rules, after: Rules) -> Iterator[Caution]:
    """Counters are found by name, whose and how long; what no limit names is never looked at."""
    kept = {_row(limit) for limit in after["limits"]}
    lost = {_row(limit)[0] for limit in before["limits"] if _row(limit) not in kept}
    for name in sorted(lost):
        yield Caution("$.limits", "counts_anew", {"other": name})


def _row(limit: Rules) -> tuple[str, str, str]:
    return counter_of(limit), limit["per"], str(limit["period"])
