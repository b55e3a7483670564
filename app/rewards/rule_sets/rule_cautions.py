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
from app.rewards.language.worth import in_order
from app.rewards.rule_sets.published import general
from app.rewards.rule_sets.rule_format import IDENTITY_LEVELS

Rules = Mapping[str, Any]


@dataclass(frozen=True)
class Kept:
    """What rules name and don't hold, as it holds on their first day; `budgeted`: whether a budget
    was agreed for their programme, which then bounds what they don't."""

    outside: Outside
    last_day_to_earn: date
    budgeted: bool = False


def programme_cautions(
    rules: Rules,
    before: Rules | None = None,
    time_zone: str = "UTC",
    kept: Kept | None = None,
) -> list[Caution]:
    """Of rules in their canonical form, and the stored ones that hold until then. `kept`: what
    they name and don't hold, where that is known."""
    new = general(rules, time_zone).data
    settled = {"no_citizen_limit"} if _by_level(new) else set()
    settled |= {"no_budget"} if kept and kept.budgeted else set()
    found = [one for one in cautions(new) if one.code not in settled]
    outside = kept.outside if kept else Outside()
    whole = {**new, "zones": {**new.get("zones", {}), **outside.zones}}
    found += [*_never_said(whole), *_known_less(new), *_nobody_asks(new)]
    found += _ending(new, kept) if kept else ()
    if before is not None:
        found += _forgotten(general(before, time_zone).data, new)
    return found


def _ending(rules: Rules, kept: Kept) -> Iterator[Caution]:
    """A calendar that says nothing of the programme's last days."""
    for index, name in enumerate(rules.get("outside", {}).get("calendars", ())):
        last = max(kept.outside.calendars[name])
        if last < kept.last_day_to_earn:
            values = {"last": last, "name": name}
            yield Caution(f"$.outside.calendars[{index}]", "calendar_ends", values)


def _by_level(rules: Rules) -> bool:
    """Whether limits of a citizen's tokens hold for one level of identity each, for all of them."""
    return {level for level, _, _ in _of_levels(rules)} >= set(IDENTITY_LEVELS)


def _of_levels(rules: Rules) -> Iterator[tuple[str, str, tuple[int, Rules]]]:
    """Level and period of each limit that holds for a level alone, with its place."""
    for index, limit in enumerate(rules["limits"]):
        of_citizen = limit["per"] == "citizen" and limit["counts"] == "cents"
        when = limit.get("when", {})
        if of_citizen and set(when) == {"identity_level"} and isinstance(limit["most"], int):
            for level in when["identity_level"]["in"]:
                yield level, limit["period"], (index, limit)


def _known_less(rules: Rules) -> Iterator[Caution]:
    """Whoever is known less should never get more."""
    found = {(level, period): one for level, period, one in _of_levels(rules)}
    for (level, period), (index, limit) in found.items():
        for above in IDENTITY_LEVELS[IDENTITY_LEVELS.index(level) + 1 :]:
            _, other = found.get((above, period), (0, limit))
            if other["most"] < limit["most"]:
                yield Caution(f"$.limits[{index}]", "known_less", {"other": other["id"]})


def _never_said(rules: Rules) -> Iterator[Caution]:
    """Deeds tell the rest where a partner or a clerk says it, but codes alone of a place."""
    for predicate, path in predicates(rules):
        for kind, said, where in leaves(predicate, path):
            if any("polygon" in _zone(rules, name) for name in _zones_of(kind, said)):
                yield Caution(where, "never_said")


def _nobody_asks(rules: Rules) -> Iterator[Caution]:
    """Officers find out facts, never who or which body; the citizen is always known, and without a
    shared car each deed is its own trip."""
    for index, limit in enumerate(in_order(rules, "limits")):
        lacking = limit["per"] in ("other", "pair", "partner", "attester")
        if lacking and limit.get("unknown_who") == "ask":
            yield Caution(f"$.limits[{index}].unknown_who", "nobody_asks")


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
