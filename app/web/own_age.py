"""The age band, asked again when its month has come; nothing else waits for the answer."""

from __future__ import annotations

from flask import Response, flash, request

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import service as identity
from app.identity.age_asked import age_due, say_age
from app.identity.ages import AgeBand
from app.identity.models import Role
from app.security import principal, requires
from app.web import own_data_words
from app.web.me import blueprint
from app.web.shell import page, to
from app.web.words import gettext as _


@blueprint.get("/me/age")
@requires(Role.CITIZEN)
def age() -> Response:
    return _age(None)


def _age(problem: Problem | None) -> Response:
    found = identity.person(db_session(), principal().person_id)
    return page("me/age.html", problem=problem, due=age_due(found, now()), bands=bands())


def bands() -> list[tuple[str, str]]:
    """What somebody can say who was younger before."""
    older = (AgeBand.FROM_15_TO_17, AgeBand.ADULT)
    return [(one.value, str(own_data_words.AGE[one])) for one in older]


@blueprint.post("/me/age")
@requires(Role.CITIZEN)
@idempotent
def say() -> Response:
    try:
        say_age(db_session(), principal().person_id, typed_band(), now=now())
    except Problem as problem:
        db_session().rollback()
        return _age(problem)
    flash(_("Thank you: it is noted."), "success")
    return to("me.home")


def typed_band() -> AgeBand:
    try:
        return AgeBand(request.form.get("band", ""))
    except ValueError as error:
        raise Problem("age-needs-papers", field="band") from error
