"""What to acknowledge before a programme has a rule set: beside what looks like an oversight,
what its deeds never say, and what another version would count from nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.rewards.language.cautions import Caution, cautions
from app.rewards.language.counting import counter_of
from app.rewards.language.meaning import predicates
from app.rewards.language.open_ends import leaves
from app.rewards.published import general
from app.rewards.rule_format import IDENTITY_LEVELS

Rules = Mapping[str, Any]
# A claim (app.rewards.claims) knows neither these, nor who else was there, nor where it began.
NEVER_SAID = frozenset({
    "contribution_cents", "first_time", "proof_class", "revenue_cents", "same_code", "same_zone",
    "seats",
})  # fmt: skip
NEVER_THERE = ("pair", "other")


def programme_cautions(
    rules: Rules, before: Rules | None = None, time_zone: str = "UTC"
) -> list[Caution]:
    """Of rules in their canonical form, and the stored ones that hold until then."""
    new = general(rules, time_zone).data
    found = [one for one in cautions(new) if one.code != "no_citizen_limit" or not _by_level(new)]
    found += [*_never_said(new), *_known_less(new)]
    if before is not None:
        found += _forgotten(general(before, time_zone).data, new)
    return found


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
