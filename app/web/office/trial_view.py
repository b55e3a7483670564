"""What a trial found, as an officer may see it: figures of five people or more.

A figure of fewer is kept back, and with it the next smallest ones until those kept back are of
five together, so that none follows from a sum. People behind an amount are those who get it. Where
other rules would change something for fewer than five, they are not set beside these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    alone = len(found) > 1 and not comparable(*found)
    if alone:
        found, titles = found[:1], titles[:1]
    results = [_kept(one, names) for one in found]
    change = _change(*found) if len(found) > 1 else None
    other = results[1] if change else None
    hidden = kept_back(found[0].months, *(one.months for one in found))
    return SimpleNamespace(
        few=False,
        alone=alone,
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


def comparable(one: Simulation, other: Simulation) -> bool:
    """Whether no difference between the two is that of a few people."""
    moved = compared(one, other)["people"]
    return not any(0 < moved[way] < LEAST for way in ("more", "less"))


def kept_back(tallies: Mapping[Any, Tally], *paid: Mapping[Any, Tally]) -> set[Any]:
    """The keys whose figures stay hidden. `paid`: whose amounts are shown beside the counts."""
    behind = {
        key: (tally.people, *(one[key].paid_people for one in paid if key in one))
        for key, tally in tallies.items()
    }
    few = {key for key, groups in behind.items() if not groups[0] or _any_few(groups)}
    smallest = {key: min(len(one) for one in behind[key] if one or key in few) for key in behind}
    hidden: set[Any] = set()
    together: list[set[str]] = [set() for _one in range(1 + len(paid))]
    for key in sorted(
        behind, key=lambda key: (key not in few, smallest[key], tallies[key].actions)
    ):
        if key not in few and not (hidden and (_any_few(together) or not together[0])):
            break
        hidden.add(key)
        for everybody, group in zip(together, behind[key], strict=False):
            everybody.update(group)
    return hidden


def _any_few(groups: Iterable[set[str]]) -> bool:
    return any(0 < len(one) < LEAST for one in groups)


def _kept(one: Simulation, names: Names) -> dict[str, Any]:
    """A result without figures of a few: for the table, and for the paragraph."""
    found, hidden = result(one, locale(), names), kept_back(one.bites)
    keys = [key for key, _ in in_order(one)]
    rows = zip(keys, found["rules_that_bite"], strict=True)
    found["rules_that_bite"] = [row for key, row in rows if key not in hidden]
    few = [one.bites[key] for key in hidden]
    behind: set[str] = set().union(*(tally.people for tally in few))
    found["of_few"] = sum(tally.actions for tally in few) if len(behind) >= LEAST else 0
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
    costs = [formats.tokens(one.months.get(month, Tally()).cents) for one in found]
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
        "up to %(most)s: %(people)s",
        most=formats.tokens(step.most),
        people=formats.people(step.people),
    )


def _bites(one: dict[str, Any]) -> list[tuple[str, ...]]:
    how = {"refuses": _("refused"), "cuts": _("cut"), "asks": _("to be found out")}
    rows: list[tuple[str, ...]] = [
        (row["words"], how[row["how"]], formats.whole(row["actions"]))
        for row in one["rules_that_bite"]
    ]
    if one["of_few"]:
        words = _("Rules that bite few people each, together")
        rows.append((words, "", formats.whole(one["of_few"])))
    return rows
