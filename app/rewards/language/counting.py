"""The second stage: what the limits leave of an amount, as a function made from the rules.

`limit(a, before, counters, budget)` gives (cents, by) and raises the counters, which it keys by
(name of the counter, whose, number of the period). `by` names the limits that cut or refused. In
turn, each counter rises as its limit is passed; together, all decide before any rises, and what
rises is what was granted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rewards.language.periods import expression as period_expression
from app.rewards.language.predicates import truth
from app.rewards.language.source import Source, Used
from app.rewards.language.worth import in_order

BUDGET = "budget"  # who cuts where the caller's own budget is short
Key = tuple[str, str, int]
Counters = dict[Key, int]
Entry = Mapping[str, Any]


def add_limit(source: Source) -> None:
    """Adds the functions `limit` and `keys`."""
    rules, used = source.rules, Used(source)
    together = rules.get("limits_order", "together") == "together"
    body, raises = ["left = before", "by = ()"], []
    entries = in_order(rules, "limits")
    if entries:
        body.insert(0, "get = counters.get")
    for index, entry in enumerate(entries):
        one = _Limit(entry, index, used, together=together)
        body += one.lines()
        raises += one.raising() if together else []
    body += _budget(source)
    source.function(
        "limit", "a, before, counters, budget=None", used, [*body, *raises, "return left, by"]
    )
    _add_keys(source, entries)


def _budget(source: Source) -> list[str]:
    cut = source.constant((BUDGET,))
    return [
        "if budget is not None and left > budget:",
        "    left = budget if budget > 0 else 0",
        f"    by += {cut}",
        "    if not left:",
        "        return 0, by",
    ]


def counter_of(entry: Entry) -> str:
    """The name of a limit's counter: its own, or one that it shares."""
    return str(entry.get("counter", entry["id"]))


def who_expression(per: str, used: Used) -> tuple[str, str]:
    """Whose counter it is, and a test whether that is known (empty: always)."""
    if per == "programme":
        return "''", ""
    if per == "pair":
        one, two = used.field("citizen"), used.field("other")
        text = f"(f'{{{one}}}+{{{two}}}' if {one} <= {two} else f'{{{two}}}+{{{one}}}')"
        return text, f"{one} is not None and {two} is not None"
    name = used.field(per)
    return name, f"{name} is not None"


class _Limit:
    """The lines of one limit."""

    def __init__(self, entry: Entry, index: int, used: Used, *, together: bool) -> None:
        self.entry, self.used, self.together = entry, used, together
        self.key, self.count = f"key{index}", f"count{index}"
        self.counter = used.source.constant(counter_of(entry))
        self.by = used.source.constant((entry["id"],))
        self.most = int(used.source.number(entry["most"]))
        self.passing = "when" in entry or (
            entry.get("unknown_who") == "pass" and entry["per"] != "programme"
        )

    def lines(self) -> list[str]:
        entry, used = self.entry, self.used
        who, known = who_expression(entry["per"], used)
        period = period_expression(entry["period"], used.local(entry["time_zone"]))
        lines = [f"{self.key} = None"] if self.passing else []
        tests: list[str] = []
        if "when" in entry:
            found = truth(entry["when"], entry.get("unknown"), used)
            if found.open:
                lines += [f"if ({found.text}) is None:", f"    return None, {self.by}"]
            tests.append(found.text)
        if known:
            lines += self._unknown_who(known, tests)
        inner = [
            f"{self.key} = ({self.counter}, {who}, {period})",
            f"{self.count} = get({self.key}, 0)",
        ]
        inner += self._decide()
        if not tests:
            return lines + inner
        return [*lines, f"if {' and '.join(tests)}:", *(f"    {line}" for line in inner)]

    def _unknown_who(self, known: str, tests: list[str]) -> list[str]:
        policy = self.entry.get("unknown_who", "fail")
        if policy == "pass":
            tests.append(f"({known})")
            return []
        answer = "None" if policy == "ask" else "0"
        test = " and ".join([*tests, f"not ({known})"])
        return [f"if {test}:", f"    return {answer}, {self.by}"]

    def _decide(self) -> list[str]:
        counts, most = self.entry["counts"], self.most
        full = [f"if {self.count} >= {most}:", f"    return 0, {self.by}"]
        if counts == "actions":
            return full + self._now(f"{self.count} + 1")
        if counts == "seats":
            return self._seats(full)
        return self._cents(full)

    def _seats(self, full: list[str]) -> list[str]:
        seats = self.used.seats()
        if self.entry["at_limit"] == "refuse":
            full = [f"if {self.count} + {seats} > {self.most}:", f"    return 0, {self.by}"]
        return full + self._now(f"{self.count} + {seats}")

    def _cents(self, full: list[str]) -> list[str]:
        at_limit, most = self.entry["at_limit"], self.most
        if at_limit == "overshoot":
            return self._for_gains(full) + self._now(f"{self.count} + left")
        if at_limit == "refuse":
            over = [f"if {self.count} + left > {most}:", f"    return 0, {self.by}"]
            return self._for_gains(over) + self._now(f"{self.count} + left")
        cut = [f"if {self.count} + left > {most}:", f"    left = {most} - {self.count}"]
        cut.append(f"    by += {self.by}")
        return self._for_gains([*full, *cut]) + self._now(f"{self.count} + left")

    def _for_gains(self, lines: list[str]) -> list[str]:
        """Together, a negative amount meets no limit of cents: it makes room."""
        may = self.used.source.rules.get("negative", "zero") == "allowed"
        if not (self.together and may):
            return lines
        return ["if left > 0:", *(f"    {line}" for line in lines)]

    def _now(self, raised: str) -> list[str]:
        return [] if self.together else [f"counters[{self.key}] = {raised}"]

    def raising(self) -> list[str]:
        """Together: once all have decided, by what was granted."""
        by = {"actions": "1", "seats": "seats", "cents": "left"}[self.entry["counts"]]
        if self.entry["counts"] == "seats":
            self.used.seats()
        line = f"counters[{self.key}] = {self.count} + {by}"
        return [f"if {self.key} is not None:", f"    {line}"] if self.passing else [line]


def _add_keys(source: Source, entries: list[Entry]) -> None:
    """`keys(a)`: every counter that an action may touch, for whoever must lock them first."""
    used, body = Used(source), ["found = {}"]
    for entry in entries:
        who, known = who_expression(entry["per"], used)
        period = period_expression(entry["period"], used.local(entry["time_zone"]))
        line = f"found[({source.constant(counter_of(entry))}, {who}, {period})] = None"
        body += [f"if {known}:", f"    {line}"] if known else [line]
    source.function("keys", "a", used, [*body, "return list(found)"])
