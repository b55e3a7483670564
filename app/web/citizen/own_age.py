"""The age band, asked again when its month has come; nothing else waits for the answer."""

from __future__ import annotations

from datetime import date

from flask import Response, flash, request

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity import service as identity
from app.identity.age_asked import may_say, month_of, say_age
from app.identity.ages import AgeBand
from app.identity.models import Role
from app.security import principal, requires
from app.web.citizen import own_data_words
from app.web.citizen.me import blueprint
from app.web.shell import page, to
from app.web.words import gettext as _


@blueprint.get("/me/age")
@requires(Role.CITIZEN)
def age() -> Response:
    return _age(None)


def _age(problem: Problem | None) -> Response:
    found = identity.person(db_session(), principal().person_id)
    return page(
        "me/age.html",
        problem=problem,
        due=may_say(db_session(), found, now()),
        known=str(own_data_words.AGE[found.age_band]) if found.age_band else "",
        first=found.age_band is None,
        bands=bands(first=found.age_band is None),
        form=request.form,
    )


def bands(*, first: bool) -> list[tuple[str, str]]:
    """What somebody can say whom nobody asked, or who was younger before."""
    said = tuple(AgeBand) if first else (AgeBand.FROM_15_TO_17, AgeBand.ADULT)
    return [(one.value, str(own_data_words.AGE[one])) for one in said]


@blueprint.post("/me/age")
@requires(Role.CITIZEN)
@idempotent
def say() -> Response:
    try:
        band, month = typed()
        say_age(db_session(), principal().person_id, band, month=month, now=now())
    except Problem as problem:
        db_session().rollback()
        return _age(problem)
    flash(_("Thank you: it is noted."), "success")
    return to("me.home")


def typed() -> tuple[AgeBand | None, date | None]:
    """Band and month of the form; `none`: they would rather not say. Raises Problem."""
    band, month = request.form.get("band", ""), request.form.get("month", "").strip()
    try:
        return None if band == "none" else AgeBand(band), month_of(month)
    except ValueError as error:
        raise Problem("age-band-missing", field="band") from error
