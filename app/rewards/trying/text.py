"""A simulation for a terminal: figures side by side, and who gets how much as bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.rewards.language.figures import amount, exact

Found = Mapping[str, Any]
_BAR = 30


def in_text(results: Sequence[Found], names: Sequence[str], change: Found | None) -> Iterator[str]:
    """Lines, of one rule set or of two."""
    yield from _table(["", *names], _whole(results))
    yield ""
    yield from _table(["Month", "actions", *(f"cost: {name}" for name in names)], _months(results))
    for found, name in zip(results, names, strict=True):
        yield from ("", f"Who gets how much: {name}")
        yield from _bars(found["distribution"]["steps"])
        yield from ("", f"Which rule bites: {name}")
        yield from _table(["actions", "how", "rule", ""], _bites(found))
        if found["rules_that_never_bite"]:
            yield f"Never met: {', '.join(found['rules_that_never_bite'])}."
    if change is not None:
        people = ", ".join(f"{count} {how}" for how, count in change["people"].items())
        yield from ("", f"People who get under the second: {people}.")
    for found, name in zip(results, names, strict=True):
        if "citizen" in found:
            yield from ("", f"Citizen {found['citizen']['id']}: {name}")
            yield from _citizen(found["citizen"])


def _whole(results: Sequence[Found]) -> Iterator[list[str]]:
    yield ["Rule set", *(one["rule_set_hash"][:18] + "…" for one in results)]
    yield ["From", *(one["first_day"] for one in results)]
    yield ["To", *(one["last_day"] for one in results)]
    for label, name in (("Actions", "actions"), ("Paid", "paid_actions"), ("Asking", "asking")):
        yield [label, *(exact(one[name], "en") for one in results)]
    yield ["Worth without limits", *(amount(one["worth_cents"], "en") for one in results)]
    yield ["Cost", *(amount(one["cost_cents"], "en") for one in results)]
    if any(one["budget_cents"] is not None for one in results):
        yield ["Left of the budget", *(amount(one["left_cents"], "en") for one in results)]
        yield ["Short on", *(one["short_on"] or "never" for one in results)]
    spreads = [one["distribution"] for one in results]
    yield ["People", *(exact(one["people"], "en") for one in results)]
    yield ["Who get something", *(exact(one["people"], "en") for one in spreads)]
    yield ["Half of them at most", *(amount(one["median_cents"], "en") for one in spreads)]
    yield ["Share of the top tenth", *(f"{one['top_tenth_percent']}%" for one in spreads)]


def _months(results: Sequence[Found]) -> Iterator[list[str]]:
    for rows in zip(*(one["months"] for one in results), strict=True):
        costs = (amount(row["cost_cents"], "en") for row in rows)
        yield [rows[0]["month"], exact(rows[0]["actions"], "en"), *costs]


def _bars(steps: Sequence[Found]) -> Iterator[str]:
    most = max((step["people"] for step in steps), default=0) or 1
    rows = [
        [_range(step), exact(step["people"], "en"), "#" * -(-step["people"] * _BAR // most)]
        for step in steps
    ]
    yield from _table(["tokens", "people", ""], rows)


def _range(step: Found) -> str:
    most = f"{step['most'] / 100:g}"
    return "nothing" if step["above"] is None else f"over {step['above'] / 100:g} to {most}"


def _bites(found: Found) -> Iterator[list[str]]:
    for one in found["rules_that_bite"]:
        yield [exact(one["actions"], "en"), one["how"], one["rule"] or "–", one["words"]]


def _citizen(found: Found) -> Iterator[str]:
    for one in found["actions"]:
        yield f"{one['at']}: {amount(one['cents'], 'en')}"
        yield from (f"    {line}" for line in one["lines"])
    yield f"In all: {amount(found['cents'], 'en')}."


def _table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    cells = [head, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        yield "  ".join(
            f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)
        ).rstrip()
