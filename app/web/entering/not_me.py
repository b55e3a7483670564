"""Where the link of a letter leads: one button that stops something, without signing in.

Opening the page changes nothing, since mailboxes open links by themselves.
"""

from __future__ import annotations

from flask import Blueprint, Response

from app.context import db_session, now
from app.errors import Problem
from app.identity.block_models import LetterLink, LinkKind
from app.identity.letter_links import find_link
from app.limits import limited
from app.recovery import blocks, cases
from app.recovery.models import Recovery, RecoveryKind
from app.security import public
from app.web.shell import page

blueprint = Blueprint("not_me", __name__)


@blueprint.get("/not-me/<token>")
@public
@limited("letter-link", quota=60, window=600)
def ask(token: str) -> Response:
    try:
        found = find_link(db_session(), token, now())
    except Problem as problem:
        return page("not_me/ask.html", problem=problem)
    return page("not_me/ask.html", token=token, stops=_stops(found))


@blueprint.post("/not-me/<token>")
@public
@limited("letter-link", quota=60, window=600)
def stop(token: str) -> Response:
    """Once: the link is worn out with it."""
    session, at = db_session(), now()
    try:
        link = find_link(session, token, at)
        stops = _stops(link)
        if stops:
            cases.object_by_link(session, link, at)
        else:
            blocks.block_by_link(session, link, at)
    except Problem as problem:
        session.rollback()
        return page("not_me/ask.html", problem=problem)
    return page("not_me/done.html", stops=stops)


def _stops(link: LetterLink) -> str:
    """ "recovery", "death", or nothing but a wallet."""
    if link.kind is not LinkKind.OBJECTION or link.about is None:
        return ""
    case = db_session().get_one(Recovery, link.about)
    return "death" if case.kind is RecoveryKind.DEATH else "recovery"
