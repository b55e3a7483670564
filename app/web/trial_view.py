"""What a trial found, as an officer may see it: figures of five people or more.

A figure of fewer is kept back, and with it the next smallest ones until those kept back are of
five together, so that none follows from a sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

from app.rewards.language.naming import Names
from app.rewards.trying.results import compared, in_order, result
from app.rewards.trying.simulation import LEAST, Simulation, Tally
from app.rewards.trying.spread import Spread, Step, spread, together
from app.rewards.trying.summary import summary
from app.web import formats
from app.web.charts import columns
from app.web.words import gettext as _
from app.web.words import locale


def shown(found: list[Simulation], titles: list[str], names: Names) -> SimpleNamespace:
    """Of one rule set or two, over the same history."""
    if any(_of_few(one) for one in found):
        return SimpleNamespace(few=True)
    results = [_kept(one, names) for one in found]
    change = _change(*found) if len(found) > 1 else None
    other = results[1] if change else None
    hidden = kept_back(found[0].months)
    return SimpleNamespace(
        few=False,
        titles=titles,
        whole=_whole(results),
        months=[_month(found, month, hidden) for month in sorted(found[0].months)],
        charts=[
            SimpleNamespace(title=title, bars=_bars(one, second=bool(index)))
            for index, (one, title) in enumerate(zip(found, titles, strict=True))
        ],
        bites=[
            SimpleNamespace(title=title, rows=_bites(one))
            for one, title in zip(results, titles, strict=True)
        ],
        moved=change["people"] if change else None,
        summary=summary(results[0], other, change, locale()),
    )


def _of_few(one: Simulation) -> bool:
    """Whether a few people are all there are, or all who would get something."""
    paid = sum(cents > 0 for cents in one.people.values())
    return len(one.people) < LEAST or 0 < paid < LEAST


def kept_back(tallies: Mapping[Any, Tally]) -> set[Any]:
    """The keys whose figures stay hidden."""
    by_people = sorted(tallies, key=lambda key: (len(tallies[key].people), tallies[key].actions))
    hidden: set[Any] = set()
    people: set[str] = set()
    for key in by_people:
        few = len(tallies[key].people) < LEAST
        if not few and (not hidden or len(people) >= LEAST):
            break
        hidden.add(key)
        people |= tallies[key].people
    return hidden


def _kept(one: Simulation, names: Names) -> dict[str, Any]:
    """A result without figures of a few: for the table, and for the paragraph."""
    found, hidden = result(one, locale(), names), kept_back(one.bites)
    keys = [key for key, _ in in_order(one)]
    rows = zip(keys, found["rules_that_bite"], strict=True)
    found["rules_that_bite"] = [row for key, row in rows if key not in hidden]
    return found


def _change(one: Simulation, other: Simulation) -> dict[str, Any]:
    found = compared(one, other)
    if any(0 < count < LEAST for count in found["people"].values()):
        found["people"] = None
    return found


def _whole(results: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Rows of the table of figures."""
    spreads = [one["distribution"] for one in results]
    rows: list[tuple[str, list[str]]] = [
        (_("Deeds"), [formats.whole(one["actions"]) for one in results]),
        (_("Cost"), [formats.tokens(one["cost_cents"]) for one in results]),
        (_("Without limits"), [formats.tokens(one["worth_cents"]) for one in results]),
        (
            _("People who get something"),
            [formats.whole(one["people"]) for one in spreads],
        ),
        (
            _("Half of them get at most"),
            [formats.tokens(one["median_cents"]) for one in spreads],
        ),
        (
            _("Share of the tenth who get most"),
            [formats.percent(one["top_tenth_percent"] * 100) for one in spreads],
        ),
        (_("The budget runs short"), [_short(one) for one in results]),
    ]
    return [(label, *cells) for label, cells in rows]


def _short(one: dict[str, Any]) -> str:
    if one["budget_cents"] is None:
        return _("no budget is set")
    return formats.day(date.fromisoformat(one["short_on"])) if one["short_on"] else _("never")


def _month(found: list[Simulation], month: str, hidden: set[str]) -> tuple[str, ...]:
    label = formats.month(date.fromisoformat(f"{month}-01"))
    if month in hidden:
        return (label, *[_("kept back")] * (len(found) + 1))
    costs = [formats.tokens(one.months[month].cents) for one in found]
    return (label, formats.whole(found[0].months[month].actions), *costs)


def _bars(one: Simulation, *, second: bool) -> Any:
    whole: Spread = spread(one.people.values())
    rows = [(_range(step), step.people, _people(step)) for step in together(whole.steps, LEAST)]
    return columns(rows, second=second)


def _range(step: Step) -> str:
    if step.above is None and step.most == 0:
        return "0"
    return f"≤ {formats.plain_number(step.most / 100)}"


def _people(step: Step) -> str:
    return _(
        "up to %(most)s: %(people)s people",
        most=formats.tokens(step.most),
        people=formats.whole(step.people),
    )


def _bites(one: dict[str, Any]) -> list[tuple[str, ...]]:
    how = {"refuses": _("refused"), "cuts": _("cut"), "asks": _("to be found out")}
    return [
        (row["words"], how[row["how"]], formats.whole(row["actions"]))
        for row in one["rules_that_bite"]
    ]
