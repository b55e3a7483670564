"""Which week is paid out when: Monday to Sunday, cut off at Monday's midnight (UTC)."""

from __future__ import annotations

from datetime import datetime, timedelta


def last_week(now: datetime) -> tuple[str, datetime]:
    """The ISO week that ended last, and the midnight (UTC) at which it did."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    cut_off = today - timedelta(days=today.weekday())
    year, week, _ = (cut_off - timedelta(days=1)).isocalendar()
    return f"{year}-W{week:02}", cut_off


def next_cut_off(now: datetime) -> datetime:
    """When the running week will be cut off."""
    return last_week(now)[1] + timedelta(days=7)
