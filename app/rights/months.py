"""The law counts in months (GDPR, article 12)."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime


def months_after(moment: datetime, months: int) -> datetime:
    """The same day so many months later, or the last of a shorter month."""
    whole = moment.month - 1 + months
    year, month = moment.year + whole // 12, whole % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))
