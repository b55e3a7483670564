"""Python source that is made from rules. No text of a rule set ever gets into it.

Only our own words and integers are written; every string, set, date or zone of the rules is an
object bound to a name k0, k1, … in the namespace that the source runs in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.rewards.language import three
from app.rewards.language.action import Action, MissingOutsideError, Outside
from app.rewards.language.exact import rounded_ratio
from app.rewards.language.zones import Zone, inside, known, listed

_FIELDS = frozenset(field.name for field in fields(Action))
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_HELPERS: dict[str, object] = {
    "all3": three.all3,
    "any3": three.any3,
    "not3": three.not3,
    "inside": inside,
    "known": known,
    "listed": listed,
    "rounded_ratio": rounded_ratio,
}


class Source:
    """One module that grows: constants, and functions of an action. `fields`: what they read of
    it, `kinds`: of which kinds of code."""

    def __init__(self, rules: Mapping[str, Any], outside: Outside) -> None:
        self.rules, self.outside = rules, outside
        self.space: dict[str, object] = dict(_HELPERS)
        self.fields, self.kinds = set[str](), set[str]()
        self._lines: list[str] = []
        self._zones: dict[str, Zone] = {}
        self._times: dict[str, str] = {}

    def constant(self, value: object) -> str:
        """Text that stands for a value: a small integer itself, else a name."""
        if type(value) is int:
            return str(value) if value >= 0 else f"({value})"
        name = f"k{len(self.space)}"
        self.space[name] = value
        return name

    def time_zone(self, name: str | None) -> str | None:
        """The name of a time zone's object; None for UTC, in which actions are."""
        wanted = name or self.rules["time_zone"]
        if wanted == "UTC":
            return None
        if wanted not in self._times:
            self._times[wanted] = self.constant(ZoneInfo(wanted))
        return self._times[wanted]

    def zone(self, name: str) -> Zone:
        """Raises MissingOutsideError."""
        if name not in self._zones:
            data = self.rules.get("zones", {}).get(name)
            if data is None:
                data = self.outside.zones.get(name)
            if data is None:
                raise MissingOutsideError("zone", name)
            self._zones[name] = Zone(data)
            self.kinds.update(data.get("codes", ()))
        return self._zones[name]

    def calendar(self, name: str) -> frozenset[int]:
        """The ordinals of its days. Raises MissingOutsideError."""
        if name not in self.outside.calendars:
            raise MissingOutsideError("calendar", name)
        return frozenset(day.toordinal() for day in self.outside.calendars[name])

    def number(self, most: int | Mapping[str, str]) -> int:
        """A limit's figure. Raises MissingOutsideError."""
        if isinstance(most, int):
            return most
        name = most["number"]
        if name not in self.outside.numbers:
            raise MissingOutsideError("number", name)
        return self.outside.numbers[name]

    def function(self, name: str, arguments: str, used: Used, body: list[str]) -> None:
        """Adds a function; what it uses of the action is read once, at its beginning."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of ours")
        self._lines.append(f"def {name}({arguments}):")
        self._lines += [f"    {line}" for line in (*used.prologue(), *body)]

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def run(self) -> Callable[[str], Any]:
        """Compiles everything; the answer gives a function by its name."""
        exec(compile(self.text(), "<reward rules>", "exec"), self.space)  # noqa: S102 - our own text
        return self.space.__getitem__


class Used:
    """What one function reads of its action `a`, in local variables."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._fields: dict[str, str] = {}
        self._locals: dict[str | None, str] = {None: "at"}

    def field(self, name: str) -> str:
        if name not in _FIELDS:
            raise ValueError(f"an action has no {name!r}")
        self._fields.setdefault(name, f"a.{name}")
        self.source.fields.add(name)
        return name

    def seats(self) -> str:
        self._fields.setdefault("seats", "a.seats or 1")
        self.source.fields.add("seats")
        return "seats"

    def local(self, time_zone: str | None) -> str:
        """The action's time in a time zone of the rules."""
        self.field("at")
        zone = self.source.time_zone(time_zone)
        return self._locals.setdefault(zone, f"at_{len(self._locals)}")

    def prologue(self) -> list[str]:
        fields = [f"{name} = {text}" for name, text in self._fields.items()]
        times = [f"{name} = at.astimezone({zone})" for zone, name in self._locals.items() if zone]
        return fields + times


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


def ordinal(text: str) -> int:
    return date.fromisoformat(text).toordinal()
