"""Why a credit waits and until when, in words for its owner."""

from __future__ import annotations

from app.rewards.batches.waiting import Reason, Wait
from app.web import formats
from app.web.words import gettext as _


def words(wait: Wait) -> str:
    """Such as "credited from Thursday 3 December on: day ceiling"."""
    if wait.reason is Reason.FUNDING:
        return _("waits for the programme’s funding")
    if wait.reason is Reason.DAY_CEILING:
        if wait.until is None:
            return _("waits: the day’s ceiling is reached")
        return _("credited from %(day)s on: day ceiling", day=formats.weekday(wait.until))
    if wait.until is None:
        return _("crediting is paused")
    return _("crediting is paused, at the latest until %(when)s", when=formats.moment(wait.until))
