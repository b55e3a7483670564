"""The limits line by line: what each found, what it left, and what the counters hold after."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import UTC
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from app.rewards.language import periods
from app.rewards.language.action import Action
from app.rewards.language.compiling import Program
from app.rewards.language.counting import BUDGET, Key, counter_of
from app.rewards.language.lines import Line, nothing
from app.rewards.language.worth import Entry, in_order


class Capping:
    """One action's way through the limits; `lines` and `by` tell it."""

    def __init__(
        self, program: Program, action: Action, counters: MutableMapping[Key, int]
    ) -> None:
        self.program, self.action, self.counters = program, action, counters
        self.together = program.rules.get("limits_order", "together") == "together"
        self.lines: list[Line] = []
        self.by: list[str] = []
        self._raises: list[tuple[Key, int, str]] = []

    def run(self, before: int, budget: int | None) -> int | None:
        """What is left; None where somebody has to find something out."""
        left = before
        for entry in in_order(self.program.rules, "limits"):
            after = self._limit(entry, left)
            if not after:
                if after is None:
                    self.lines.append(Line(entry["id"], "kept_back", Fraction(-left), {}))
                self.by = [entry["id"]]
                return after
            left = after
        if budget is not None and left > budget:
            left = self._cut(BUDGET, "budget", left, max(0, budget), {"left_cents": budget})
            if not left:
                return 0
        for key, count, counts in self._raises:  # limits that share a counter raise it once
            self.counters[key] = count + self._weight(counts, left)
        return left

    def _limit(self, entry: Entry, left: int) -> int | None:
        if "when" in entry:
            held = self.program.tests[f"limits/{entry['id']}"](self.action)
            if held is None:
                self.lines.append(nothing(entry["id"], "to_find_out", predicate=entry["when"]))
                return None
            if not held:
                return left
        who = who_of(entry["per"], self.action)
        if who is None:
            return self._nobody(entry, left)
        key = (counter_of(entry), who, self._period(entry))
        return self._counted(entry, key, left)

    def _nobody(self, entry: Entry, left: int) -> int | None:
        policy = entry.get("unknown_who", "fail")
        if policy == "pass":
            return left
        cents = Fraction(0 if policy == "ask" else -left)
        self.lines.append(Line(entry["id"], "whose_not_known", cents, {"per": entry["per"]}))
        return None if policy == "ask" else 0

    def _period(self, entry: Entry) -> int:
        zone = entry["time_zone"]
        local = self.action.at.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
        return periods.number(entry["period"], local)

    def _counted(self, entry: Entry, key: Key, left: int) -> int:
        most = self.program.number(entry["most"])
        count, counts = self.counters.get(key, 0), entry["counts"]
        after = self._after(entry, left, count, most)
        values = {
            "per": entry["per"],
            "period": entry["period"],
            "counts": counts,
            "most": most,
            "count": count,
        }
        if after != left:
            left = self._cut(entry["id"], "limit", left, after, values)
        if left:
            if self.together:
                self._raises.append((key, count, counts))
            else:
                self.counters[key] = count + self._weight(counts, left)
        return left

    def _after(self, entry: Entry, left: int, count: int, most: int) -> int:
        """What the limit lets pass of an amount."""
        counts, at_limit = entry["counts"], entry["at_limit"]
        if counts == "cents" and left < 0 and self.together:
            return left  # makes room, and takes none
        full = count >= most
        if at_limit == "refuse" and counts != "actions":
            full = count + self._weight(counts, left) > most
        if full:
            return 0
        return min(left, most - count) if at_limit == "cut" else left

    def _weight(self, counts: str, left: int) -> int:
        return {"actions": 1, "seats": self.action.seats or 1, "cents": left}[counts]

    def _cut(self, rule: str, code: str, left: int, room: int, values: dict[str, Any]) -> int:
        self.by.append(rule)
        self.lines.append(Line(rule, code, Fraction(room - left), values))
        return room


def who_of(per: str, action: Action) -> str | None:
    """Whose counter it is; None where that isn't known."""
    if per == "programme":
        return ""
    if per == "pair":
        if action.citizen is None or action.other is None:
            return None
        return "+".join(sorted((action.citizen, action.other)))
    value: str | None = getattr(action, per)
    return value
