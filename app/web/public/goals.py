"""The dashboard by goal: all 17, with what was done for each, or that nothing here contributes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from app.impact.catalogue import catalogue
from app.impact.entries import GOAL_ONLY
from app.web.public.figure_lines import Line
from app.web.public.indicator_view import co2e_words, headline, indicator
from app.web.words import Speech


def goals(lines: Sequence[Line], spoken: Speech) -> list[dict[str, Any]]:
    """Those that our action types reach. An indicator stands under the goal of its first code."""
    known = catalogue()
    by_indicator, alone = by_indicator_of(lines), _alone(lines)
    return [
        {
            "code": code,
            "title": goal.title[spoken.locale],
            "kinds": len(known.serving(code)),
            "figures": [
                indicator(one, found, spoken)
                for one, found in by_indicator
                if known.indicators[one].goal == code
            ],
            "elsewhere": _elsewhere(code),
            "alone": [
                _served(served, found, spoken)
                for served, found in alone
                if served.partition(".")[0] == code
            ],
        }
        for code, goal in known.goals.items()
        if known.serving(code)
    ]


def untouched(language: str) -> list[dict[str, str]]:
    """The goals to which no action here contributes."""
    known = catalogue()
    return [
        {"code": code, "title": goal.title[language]}
        for code, goal in known.goals.items()
        if not known.serving(code)
    ]


def by_indicator_of(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """What stands behind each indicator, by its first code; a deed may contribute to several."""
    known = catalogue()
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        for code in {known.same_as(code)[0] for code in line.kind.indicators}:
            found[code].append(line)
    return [(code, found[code]) for code in known.in_order(found)]


def _alone(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """What serves a goal or target without an indicator of it."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        for link in line.kind.action_type.indicators:
            if link.relation == GOAL_ONLY:
                found[link.code].append(line)
    return [(code, found[code]) for code in catalogue().in_order(found)]


def _served(code: str, lines: Sequence[Line], spoken: Speech) -> dict[str, Any]:
    """A target, or a goal as a whole, with the deeds that serve it."""
    known = catalogue()
    target = known.targets.get(code)
    kinds = {line.kind.action_type.id: line.kind.action_type for line in lines}
    return {
        "target": code if target else "",
        "title": target.title[spoken.locale] if target else "",
        "names": ", ".join(kind.name[spoken.locale] for kind in kinds.values()),
        "sentence": headline(lines, spoken),
        **co2e_words(lines),
    }


def _elsewhere(goal: str) -> list[dict[str, str]]:
    """Indicators of a goal that the framework repeats, with the code under which they count."""
    known = catalogue()
    return [
        {"code": code, "first": known.same_as(code)[0]}
        for code, entry in known.indicators.items()
        if entry.goal == goal and known.same_as(code)[0] != code
    ]
