"""The visitor's own deed on the officer's page of the demo: how many of its kind before, and now.

The last deed certified in this browser stays in a cookie, as its id and what was counted then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Response, g, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.browser_security import set_cookie
from app.context import cookie_name, services
from app.impact.catalogue import catalogue
from app.web.office.view import COUNTED, month_start
from app.web.words import gettext as _
from app.web.words import locale

COOKIE = "civis_tour_deed"


@dataclass(frozen=True)
class Moved:
    """Deeds of one kind this month, in the office's own records."""

    kind: str
    before: int
    now: int

    @property
    def sentence(self) -> str:
        return _(
            "Before your deed, this month had %(before)s of the kind “%(kind)s”; now %(now)s.",
            kind=self.kind,
            before=self.before,
            now=self.now,
        )


def remember(session: Session, action: Action, at: datetime) -> None:
    """As the deed is certified; it is not among what was before."""
    if services().settings.demo:
        others = _counted(session, action, at) - (action.state in COUNTED)
        g.tour_deed = f"{action.id}.{others}"


def moved(session: Session, at: datetime) -> Moved | None:
    """What this browser's deed moved; nothing while it isn't counted, or in another month."""
    action_id, before = _remembered()
    action = session.get(Action, action_id) if action_id else None
    if action is None or action.state not in COUNTED or action.deed_at < month_start(at):
        return None
    kind = catalogue().action_type(action.action_type_id, action.action_type_version)
    found = Moved(kind.name[locale()], before, _counted(session, action, at))
    return found if found.now > before else None


def keep(response: Response) -> Response:
    """After each request: a deed that was certified goes into the cookie."""
    if "tour_deed" in g:
        set_cookie(response, COOKIE, g.tour_deed)
    return response


def _remembered() -> tuple[UUID | None, int]:
    action_id, _dot, before = request.cookies.get(cookie_name(COOKIE), "").partition(".")
    try:
        return UUID(action_id), int(before)
    except ValueError:
        return None, 0


def _counted(session: Session, like: Action, at: datetime) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(Action)
            .where(
                col(Action.action_type_id) == like.action_type_id,
                col(Action.action_type_version) == like.action_type_version,
                col(Action.deed_at) >= month_start(at),
                col(Action.state).in_(COUNTED),
            )
        )
        or 0
    )
