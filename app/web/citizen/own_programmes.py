"""A citizen's programmes: what can be done in each, and what can still be earned."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from flask import Response, request, url_for
from sqlalchemy import select
from sqlmodel import col

from app.context import db_session, now
from app.errors import Problem
from app.identity.models import Role
from app.paging import page as list_page
from app.rewards.language.figures import noun
from app.rewards.models import Programme, ProgrammeState
from app.rewards.valuing.room import Room, room
from app.rewards.valuing.terms import rules_in_force
from app.security import principal, requires
from app.web import formats
from app.web.citizen import own_what_if
from app.web.citizen.ideas import ideas
from app.web.citizen.me import blueprint
from app.web.shell import page
from app.web.words import gettext as _
from app.web.words import locale

A_PAGE = 3  # programmes: each tells all that can be done in it


@blueprint.get("/me/programmes")
@requires(Role.CITIZEN)
def programmes() -> Response:
    return _page({})


@blueprint.post("/me/programmes")
@requires(Role.CITIZEN)
def what_if() -> Response:
    """What a deed would get; nothing is recorded."""
    form = request.form.to_dict()
    try:
        return _page(form)
    except Problem as problem:
        return _page(form, problem)


def _page(form: dict[str, str], problem: Problem | None = None) -> Response:
    query = select(Programme).where(col(Programme.state) == ProgrammeState.RUNNING)
    given = request.args.get("cursor")
    rows, cursor = list_page(db_session(), query, key=Programme.id, cursor=given, limit=A_PAGE)
    return page(
        "me/programmes.html",
        programmes=[_shown(row, form, asked=problem is None) for row in rows],
        problem=problem,
        next_url=url_for("me.programmes", cursor=cursor) if cursor else None,
    )


def _shown(row: Programme, form: dict[str, str], *, asked: bool) -> SimpleNamespace:
    """Raises Problem where what is asked of it isn't understood."""
    session, at, person = db_session(), now(), principal().person_id
    own = form if form.get("programme_id") == str(row.id) else {}
    rules = rules_in_force(session, row, at)
    return SimpleNamespace(
        id=row.id,
        name=row.name[locale()],
        earn=row.last_day_to_earn,
        room=[_words(one) for one in room(session, row, person, at)],
        ideas=ideas(rules.rules) if rules else [],
        what_if=own_what_if.asked(rules.rules, row, own) if rules else None,
        answer=own_what_if.answer(session, row, person, own, at) if own and asked else None,
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
