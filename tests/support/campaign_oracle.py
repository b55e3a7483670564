"""What a campaign's facts give, reckoned plainly from the words of their README: no code of ours.

Slow and short: fractions, one journey at a time. No two limits of a campaign may count the same
for the same period, because cases couldn't tell their counters apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

Said = Mapping[str, Any]
COUNTS = {"max_seats": "seats", "max_trips": "trips", "max_cents": "cents"}


class Oracle:
    def __init__(self, rules: Said, settings: Said) -> None:
        self.rules, self.settings = rules, settings
        self.zone = ZoneInfo(rules.get("tz") or "Europe/Paris")
        self.counters: dict[tuple[str, ...], int] = {}

    def worth(self, j: Said) -> int:
        """Before the limits."""
        area = self.settings.get("area")
        if area is not None and not any(self._inside(j, end, area) for end in ("start", "end")):
            return 0
        if not (self._operator(j) and self._eligible(j)):
            return 0
        amount = self.rules["amount"]
        for tariff in amount["tariffs"]:
            if self._when(tariff, j):
                return self._adjusted(amount, self._steps(tariff, j), j)
        return 0

    def _operator(self, j: Said) -> bool:
        listed = self.rules.get("operators")
        if listed is None:
            return True
        at, admitted = _moment(j["at"]), []
        for entry in sorted(listed, key=lambda one: _moment(one["from"])):
            if _moment(entry["from"]) <= at:
                admitted = entry["operators"]
        return j.get("operator") in admitted

    def _eligible(self, j: Said) -> bool:
        for one in self.rules.get("requirements") or ():
            if not self._when(one, j):
                continue
            if not self.holds(one.get("require") or {}, j):
                return False
            if one.get("exclude") and self.holds(one["exclude"], j):
                return False
        return True

    def _when(self, entry: Said, j: Said) -> bool:
        return entry.get("when") is None or self.holds(entry["when"], j)

    def _steps(self, tariff: Said, j: Said) -> Fraction:
        total, metres = Fraction(0), j["distance_m"]
        exclusive = tariff.get("bands") == "exclusive"
        for step in tariff["steps"]:
            if metres < (step.get("from_m") or 0) or not self._when(step, j):
                continue
            end = step.get("below_m")
            if exclusive and end is not None and metres >= end:
                continue
            total += _step(step, j)
            if exclusive:
                break
        return total

    def _adjusted(self, amount: Said, found: Fraction, j: Said) -> int:
        if amount.get("minus") is not None:
            found -= j.get(amount["minus"]) or 0
        if amount.get("at_most_cents") is not None:
            found = min(found, Fraction(str(amount["at_most_cents"])))
        for factor in amount.get("factors") or ():
            if self._when(factor, j):
                found *= Fraction(str(factor["times"]))
        if amount.get("at_least") is not None:
            found = max(found, Fraction(j.get(amount["at_least"]) or 0))
        return floor(found + Fraction(1, 2))

    def holds(self, said: Said, j: Said) -> bool:
        return all(self._one(kind, value, j) for kind, value in said.items())

    def _one(self, kind: str, said: Any, j: Said) -> bool:
        if kind in ("all", "any"):
            return (all if kind == "all" else any)([self.holds(one, j) for one in said])
        if kind == "not":
            return not self.holds(said, j)
        if kind in ("start_in", "end_in"):
            return self._inside(j, kind.removesuffix("_in"), said)
        if kind == "both_ends_inside":
            shape = self.rules["shapes"][said]
            rings = shape if isinstance(shape[0][0], list) else [shape]
            return all(_within(rings, j.get(f"{end}_lonlat")) for end in ("start", "end"))
        if kind in ("instant", "utc_day", "local_day", "weekday"):
            return self._timely(kind, said, _moment(j["at"]))
        return _plain(kind, said, j)

    def _timely(self, kind: str, said: Any, at: datetime) -> bool:
        if kind == "instant":
            starts = said.get("from") is None or _moment(said["from"]) <= at
            return starts and (said.get("before") is None or at < _moment(said["before"]))
        day = at.astimezone(UTC if kind == "utc_day" else self.zone).date()
        if kind == "weekday":
            return day.isoweekday() in (said if isinstance(said, list) else [said])
        days = said.get("in")
        if isinstance(days, str):
            days = self.settings.get(days) or []
        if days is not None and day.isoformat() not in days:
            return False
        starts = said.get("from") is None or date.fromisoformat(said["from"]) <= day
        return starts and (said.get("to") is None or day <= date.fromisoformat(said["to"]))

    def _inside(self, j: Said, end: str, zone: Any) -> bool:
        if isinstance(zone, str):
            zone = self.settings["area"] if zone == "area" else self.rules["zones"][zone]
            return self._inside(j, end, zone)
        codes = j.get(end) or {}
        for kind, listed in zone.items():
            known = self.rules["zones"][listed] if isinstance(listed, str) else listed
            known = known.get(kind, []) if isinstance(known, dict) else known
            if codes.get(kind) is not None and str(codes[kind]) in map(str, known):
                return True
        return False

    def limited(self, left: int, j: Said) -> int:
        """After the limits, whose counters rise as they are passed."""
        for limit in self.rules.get("limits") or ():
            for word in COUNTS:
                if left and limit.get(word) is not None and self._when(limit, j):
                    left = self._limit(limit, word, left, j)
        return left

    def _limit(self, limit: Said, word: str, left: int, j: Said) -> int:
        who, most = _whose(limit["per"], j), limit[word]
        if who is None:
            return left
        most = self.settings["budget_cents"] if most == "budget" else most
        counts, label = COUNTS[word], _label(limit["period"], _moment(j["at"]))
        key = (counts, limit["per"], limit["period"], who, label)
        count = self.counters.get(key, 0)
        if count >= most:
            return 0
        if counts == "cents":
            left = min(left, most - count)
        self.counters[key] = count + {"trips": 1, "seats": _seats(j), "cents": left}[counts]
        return left

    def listed(self) -> list[dict[str, Any]]:
        """The counters, as cases list them."""
        names = ("counts", "per", "period", "who", "in")
        return [
            {**dict(zip(names, key, strict=True)), "value": value}
            for key, value in self.counters.items()
        ]


def play(facts: Said, case: Said) -> tuple[list[int], list[int], Oracle]:
    """A case's amounts before the limits, those after, and what holds the counters."""
    defaults = facts.get("defaults") or {}
    settings = {**(defaults.get("settings") or {}), **(case.get("settings") or {})}
    oracle = Oracle(facts["rules"], settings)
    for counter in case.get("counters_before") or ():
        key = (counter[name] for name in ("counts", "per", "period", "who", "in"))
        oracle.counters[tuple(key)] = counter["value"]
    before, after = [], []
    for said in case["journeys"]:
        journey = {**(defaults.get("journey") or {}), **said}
        before.append(oracle.worth(journey))
        after.append(oracle.limited(before[-1], journey))
    return before, after, oracle


def _step(step: Said, j: Said) -> Fraction:
    seats = _seats(j) if step.get("times_seats", True) is not False else 1
    by_seat = Fraction(str(step.get("seat_cents") or 0))
    if step.get("km_cents") is not None:
        to = step.get("km_to_m")
        metres = j["distance_m"] if to is None else min(j["distance_m"], to)
        km = Fraction(metres - (step.get("km_from_m") or 0), 1000)
        if step.get("km_rounding") is not None:
            km = Fraction(floor(km + Fraction(1, 2)))
        part = km * Fraction(str(step["km_cents"]))
        most = step.get("km_part_max_cents")
        by_seat += part if most is None else min(part, Fraction(str(most)))
    return Fraction(str(step.get("fixed_cents") or 0)) + seats * by_seat


def _plain(kind: str, said: Any, j: Said) -> bool:
    if kind == "distance_m":
        return _between(j["distance_m"], said)
    if kind == "contribution_cents":
        return _between(j.get("passenger_contribution_cents") or 0, said)
    if kind == "class":
        return j.get("class") in (said if isinstance(said, list) else [said])
    if kind == "passenger_adult":
        return j.get("passenger_adult") is not False
    if kind == "same_code":
        start, end = ((j.get(one) or {}).get(said) for one in ("start", "end"))
        return (start is None) == (end is None) and str(start) == str(end)
    raise ValueError(kind)


def _between(value: int, bounds: Said) -> bool:
    least, end = bounds.get("min"), bounds.get("below")
    return (least is None or least <= value) and (end is None or value < end)


def _within(rings: list[Any], point: Any) -> bool:
    """Even-odd."""
    if point is None:
        return False
    x, y = map(Fraction, point)
    crossed = 0
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (y1 > y) != (y2 > y):
                crossed += x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
    return crossed % 2 == 1


def _whose(per: str, j: Said) -> str | None:
    if per == "campaign":
        return ""
    if per != "trip":
        return str(j[per])
    platform = j["operator_id"] if j.get("operator_id") is not None else j.get("operator") or ""
    return f"{platform}.{j['trip']}" if j.get("trip") not in (None, "") else None


def _seats(j: Said) -> int:
    return j.get("seats") or 1


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _label(period: str, at: datetime) -> str:
    forms = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", "year": "%Y", "always": ""}
    return at.strftime(forms[period])
