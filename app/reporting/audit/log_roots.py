"""That the access log has a root on the chain for every day since its first.

What a root stands for is checked by those who may: a citizen their own slice, a mandated auditor a
day (app.reporting.access).
"""

from __future__ import annotations

from datetime import timedelta

from app.impact.leaf import date_of, day_of
from app.reporting.audit.evidence import Evidence
from app.reporting.audit.register import Check

LATEST = timedelta(hours=6)  # after a day's end its root must be there
_SHOWN = 5


def check_log_roots(evidence: Evidence) -> list[Check]:
    """A city that commits none at all is found on its third day."""
    roots = evidence.log_roots
    if roots is None:
        return []
    due = day_of(roots.now - LATEST) - 1
    first = min(roots.days, default=day_of(roots.began) + 1)
    missing = [date_of(day) for day in range(first, due + 1) if day not in roots.days]
    shown = ", ".join(day.isoformat() for day in missing[:_SHOWN])
    detail = f"{len(roots.days)} days"
    if missing:
        detail += f", {len(missing)} are missing: {shown}{'…' * (len(missing) > _SHOWN)}"
    name = "a root of the access log for each day since the first"
    return [Check(name, not missing, detail, evidence.block)]
