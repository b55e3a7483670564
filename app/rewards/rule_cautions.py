"""What to acknowledge before a programme has a rule set: beside what looks like an oversight,
what its deeds never say, and what another version would count from nothing."""

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


# A claim (app.rewards.claims) knows neither these, nor who else was there, nor where it began.
NEVER_SAID = frozenset({
    "contribution_cents", "first_time", "proof_class", "revenue_cents", "same_code", "same_zone",
    "seats",
})  # fmt: skip
NEVER_THERE = ("pair", "other")


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
    for predicate, path in predicates(rules):
        for kind, said, where in leaves(predicate, path):
            if _unanswered(rules, kind, said):
                yield Caution(where, "never_said")
    yield from _never_counted(rules)


def _never_counted(rules: Rules) -> Iterator[Caution]:
    for index, limit in enumerate(rules["limits"]):
        if limit["per"] in NEVER_THERE or limit["counts"] in NEVER_SAID:
            yield Caution(f"$.limits[{index}]", "never_said")
    for name in ("tariffs", "adjustments"):
        for index, entry in enumerate(rules.get(name, ())):
            if NEVER_SAID & set(_measured(entry)):
                yield Caution(f"$.{name}[{index}]", "never_said")


def _unanswered(rules: Rules, kind: str, said: Any) -> bool:
    if kind == "adult":
        return bool(said["who"] != "citizen")
    if kind == "in_zone":
        by_shape = "polygon" in rules.get("zones", {}).get(said["zone"], {})
        return by_shape or said["end"] in ("start", "both")
    return kind in NEVER_SAID


def _measured(entry: Any) -> Iterator[str]:
    """What an entry's amounts are made from."""
    if isinstance(entry, Mapping):
        for word, value in entry.items():
            if word in ("measure", "of", "field") and isinstance(value, str):
                yield value
            elif word not in ("when", "require", "exclude"):
                yield from _measured(value)
    elif isinstance(entry, list):
        for one in entry:
            yield from _measured(one)


def _forgotten(before: Rules, after: Rules) -> Iterator[Caution]:
    """Counters are found by name, whose and how long; what no limit names is never looked at."""
    kept = {_row(limit) for limit in after["limits"]}
    lost = {_row(limit)[0] for limit in before["limits"] if _row(limit) not in kept}
    for name in sorted(lost):
        yield Caution("$.limits", "counts_anew", {"other": name})


def _row(limit: Rules) -> tuple[str, str, str]:
    return counter_of(limit), limit["per"], str(limit["period"])
