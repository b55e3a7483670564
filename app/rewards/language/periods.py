"""The periods in which counters count: as integers for speed, as text for people and rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

PERIODS = ("day", "week", "month", "year", "always")
# Day number of Monday, 1 January of the year 1; Python's ordinals begin there with 1.
_FIRST = 1


def number(period: str, local: datetime) -> int:
    """The period that a local time lies in."""
    return _NUMBERS[period](local)


def label(period: str, value: int) -> str:
    """2024-03-31, 2024-W13, 2024-03, 2024, or always."""
    if period == "day":
        return date.fromordinal(value).isoformat()
    if period == "week":
        year, week, _ = date.fromordinal(value * 7 + _FIRST).isocalendar()
        return f"{year:04d}-W{week:02d}"
    if period == "month":
        return f"{value // 12:04d}-{value % 12 + 1:02d}"
    return f"{value:04d}" if period == "year" else "always"


def from_label(period: str, text: str) -> int:
    """The number of a label. Raises ValueError."""
    if period == "day":
        return date.fromisoformat(text).toordinal()
    if period == "week":
        year, _, week = text.partition("-W")
        return (date.fromisocalendar(int(year), int(week), 1).toordinal() - _FIRST) // 7
    if period == "month":
        first = date.fromisoformat(f"{text}-01")
        return first.year * 12 + first.month - 1
    return date(int(text), 1, 1).year if period == "year" else 0


def expression(period: str, local: str) -> str:
    """`number` as an expression over a local variable."""
    return {
        "day": f"{local}.toordinal()",
        "week": f"({local}.toordinal() - {_FIRST}) // 7",
        "month": f"{local}.year * 12 + {local}.month - 1",
        "year": f"{local}.year",
        "always": "0",
    }[period]


def following(period: str, value: int) -> date | None:
    """The first day after a period; None for always."""
    if period == "day":
        return date.fromordinal(value) + timedelta(days=1)
    if period == "week":
        return date.fromordinal(value * 7 + _FIRST + 7)
    if period == "month":
        return date((value + 1) // 12, (value + 1) % 12 + 1, 1)
    return date(value + 1, 1, 1) if period == "year" else None


_NUMBERS: dict[str, Callable[[datetime], int]] = {
    "day": lambda at: at.toordinal(),
    "week": lambda at: (at.toordinal() - _FIRST) // 7,
    "month": lambda at: at.year * 12 + at.month - 1,
    "year": lambda at: at.year,
    "always": lambda _: 0,
}
