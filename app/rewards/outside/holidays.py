"""France's public holidays, from our own data file: fixed days, and days counted from Easter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

from app.rewards.outside.documents import Document, document

YEARS = range(2024, 2046)


def calendars(years: range = YEARS) -> list[Document]:
    """The whole country's, and that of the three departments with two days more."""
    said = _said()
    return [
        document({
            "kind": "calendar",
            "name": name,
            "source": said["source"],
            "licence": said["licence"],
            "data": {"days": _days([said["days"][one] for one in listed], years)},
        })
        for name, listed in said["calendars"].items()
    ]  # fmt: skip


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher)."""
    century, rest = divmod(year, 100)
    skipped = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * (year % 19) + century - century // 4 - skipped + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (year % 19 + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _days(listed: list[Mapping[str, Any]], years: range) -> list[dict[str, str]]:
    """Two that meet, such as Ascension and 1 May 2008, are one day with both names."""
    found: dict[str, dict[str, str]] = {}
    for year in years:
        for one in listed:
            day = _day(one, year).isoformat()
            names = {language: one[language] for language in ("fr", "en")}
            if day in found:
                names = {name: f"{found[day][name]}, {text}" for name, text in names.items()}
            found[day] = {"day": day, **names}
    return list(found.values())


def _day(one: Mapping[str, Any], year: int) -> date:
    if "after_easter" in one:
        return easter(year) + timedelta(days=one["after_easter"])
    return date(year, one["month"], one["day"])


@cache
def _said() -> dict[str, Any]:
    text = resources.files("app.rewards") / "data" / "holidays_fr.json"
    found: dict[str, Any] = json.loads(text.read_text("utf-8"))
    return found
