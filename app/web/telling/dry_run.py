"""One person's deeds under a rule set, line by line: a sample that is made here, or a history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from itertools import cycle, islice
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from app.impact.catalogue import ActionType, catalogue
from app.rewards.language.action import Action, Outside
from app.rewards.language.loading import RuleSet
from app.rewards.language.naming import Names
from app.rewards.language.taken import takes
from app.rewards.trying.simulation import Explained, Simulation
from app.web import formats
from app.web.rule_sets.rule_preview import sample
from app.web.telling.deeds import quantity
from app.web.telling.explained import explained
from app.web.words import lazy_gettext as _l
from app.web.words import locale

PASTED = "pasted"
NOBODY = "sample"
MOST_DEEDS = 500
# Identity level, days, deeds a day.
SAMPLES: Mapping[str, tuple[Any, str, int, int]] = {
    "steady": (_l("a deed a day for two weeks, known by a contact"), "contact", 14, 1),
    "busy": (_l("twelve deeds a day for three days, identity verified"), "verified", 3, 12),
    "card": (_l("six deeds a day for four days, card only"), "card", 4, 6),
}


def choices() -> list[tuple[str, str]]:
    return [(name, str(words)) for name, (words, *_rest) in SAMPLES.items()]


def sample_deeds(name: str, data: Mapping[str, Any], now: datetime) -> list[Action]:
    """Of kinds that the rules reward, in the catalogue's order; the last ones were yesterday."""
    _words, level, days, a_day = SAMPLES[name]
    kinds = [kind for kind in catalogue().action_types() if takes(data, kind.id)]
    if not kinds:
        return []
    zone = ZoneInfo(data["time_zone"])
    first = now.astimezone(zone).date() - timedelta(days=days)
    moments = [
        datetime.combine(first + timedelta(days=day), time(8 + n), zone)
        for day in range(days)
        for n in range(a_day)
    ]
    return [
        _deed(kind, at, level, n)
        for n, (kind, at) in enumerate(zip(cycle(kinds), moments, strict=False))
    ]


def _deed(kind: ActionType, at: datetime, level: str, n: int) -> Action:
    """Whether it is the first of its kind, the simulation reckons."""
    made = sample(kind, at)
    made.first_time = None
    made.at = made.recorded_at = at
    made.identity_level, made.trip = level, str(n)
    return made


def run(data: dict[str, Any], deeds: Iterable[Action], outside: Outside, names: Names) -> Any:
    """What each deed of the first person gets; others' deeds only count."""
    listed = list(islice(deeds, MOST_DEEDS))
    if all(deed.citizen is None for deed in listed):  # then they are this person's
        for deed in listed:
            deed.citizen = NOBODY
    who = next((deed.citizen for deed in listed if deed.citizen is not None), None)
    simulation = Simulation(RuleSet(data), outside, citizen=who, forgets=False)
    for deed in listed:
        simulation.add(deed)
    told = simulation.explained
    return SimpleNamespace(
        deeds=[_told(one, data["time_zone"], names) for one in told],
        cents=sum(one.decision.cents for one in told),
        others=len(listed) - len(told),
    )


def _told(one: Explained, zone: str, names: Names) -> SimpleNamespace:
    found, deed = one.decision, one.action
    return SimpleNamespace(
        when=formats.moment(deed.at, zone),
        what=_what(deed),
        cents=found.cents,
        open=found.before is None,
        cut=found.before is not None and found.cents != found.before,
        why=explained(found.lines, names),
    )


def _what(deed: Action) -> str:
    known = {kind.id: kind for kind in catalogue().action_types()}
    kind = known.get(deed.action_type or "")
    if kind is None:
        return deed.action_type or "–"
    name = kind.name[locale()]
    return name if deed.quantity is None else f"{name}, {quantity(deed.quantity, kind)}"
