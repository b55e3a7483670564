"""A citizen's programmes: what can be done in each, and what can still be earned."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from flask import Response
from sqlalchemy import select
from sqlmodel import col

from app.context import db_session, now
from app.identity.models import Role
from app.rewards.language.figures import noun
from app.rewards.models import Programme, ProgrammeState
from app.rewards.room import Room, room
from app.rewards.terms import rules_in_force
from app.security import principal, requires
from app.web import formats
from app.web.ideas import ideas
from app.web.me import blueprint
from app.web.shell import page
from app.web.words import gettext as _
from app.web.words import locale


@blueprint.get("/me/programmes")
@requires(Role.CITIZEN)
def programmes() -> Response:
    query = select(Programme).where(col(Programme.state) == ProgrammeState.RUNNING)
    rows = db_session().scalars(query.order_by(col(Programme.id).desc()))
    return page("me/programmes.html", programmes=[_shown(row) for row in rows])


def _shown(row: Programme) -> SimpleNamespace:
    session, at = db_session(), now()
    rules = rules_in_force(session, row, at)
    return SimpleNamespace(
        id=row.id,
        name=row.name[locale()],
        earn=row.last_day_to_earn,
        room=[_words(one) for one in room(session, row, principal().person_id, at)],
        ideas=ideas(rules.rules) if rules else [],
    )


def _words(one: Room) -> SimpleNamespace:
    """ "This month: 12.50 tokens of 20.00 tokens"."""
    left, most = _amount(one.left, one), _amount(one.most, one)
    return SimpleNamespace(
        sentence=_("%(when)s: %(left)s of %(most)s", when=_when(one), left=left, most=most),
        most=one.most,
        left=one.left,
    )


def _amount(count: int, one: Room) -> str:
    if one.counts == "cents":
        return formats.tokens(count)
    return noun({"actions": "action", "seats": "seat"}[one.counts], count, locale())


def _when(one: Room) -> str:
    if one.until is None:
        return _("In all")
    if one.period == "day":
        return _("Today")
    last = formats.day(one.until - timedelta(days=1))
    words = {"week": _("This week"), "month": _("This month")}
    return _("%(period)s, until %(day)s", period=words.get(one.period, _("This year")), day=last)
