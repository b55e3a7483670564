"""What is promised and not credited yet, each with when, or with what it waits for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions.models import Action
from app.rewards.batches.waiting import Wait, waits_of
from app.web import formats
from app.web.telling import deed_lists, deeds, wait_words
from app.web.words import gettext as _


def coming_lines(session: Session, person: UUID, at: datetime) -> list[dict[str, Any]]:
    """Soonest first."""
    promised = deed_lists.coming(session, person)
    waits = waits_of(session, promised, at)
    return [_line(action, at, waits.get(action.id)) for action in promised]


def _line(action: Action, at: datetime, wait: Wait | None) -> dict[str, Any]:
    """ "Compost, 2 kg: on Thursday at 18:00"; once that has passed, being sent or waiting."""
    what = deeds.what(action)
    if action.due_at is not None and action.due_at > at:
        when = formats.moment(action.due_at)
        sentence = _("%(what)s: coming on %(when)s", what=what, when=when)
    elif wait is not None:
        sentence = _("%(what)s: %(wait)s", what=what, wait=wait_words.words(wait))
    else:
        sentence = _("%(what)s: being settled now", what=what)
    return {"sentence": sentence, "cents": action.reward_cents}
