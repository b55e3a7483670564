"""A person's own badges: made here and shown once, with a PIN that they choose."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

from flask import Response, request

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Organisation
from app.identity.stations import badges
from app.identity.stations.badges import Made
from app.identity.stations.models import Badge
from app.security import principal, requires, requires_step_up
from app.web.citizen.me import blueprint
from app.web.parts import qr_svg
from app.web.shell import page, to


@blueprint.get("/me/badges")
@requires()
def badge_list() -> Response:
    return _badges(None)


def _badges(problem: Problem | None, made: Made | None = None) -> Response:
    session, person = db_session(), principal().person_id
    places = badges.workplaces(session, person, now())
    rows = badges.badges_of_person(session, person)
    names = {one: session.get_one(Organisation, one).name for one in {*places} | _places(rows)}
    return page(
        "me/badges.html",
        problem=problem,
        places=[(str(one), names[one]) for one in places],
        badges=[
            SimpleNamespace(
                id=row.id,
                place=names[row.organisation_id],
                number=row.number,
                locked=row.wrong_tries >= badges.PIN_TRIES,
            )
            for row in rows
        ],
        made=made,
        qr=qr_svg(made.badge) if made else None,
    )


def _places(rows: list[Badge]) -> set[UUID]:
    return {row.organisation_id for row in rows}


@blueprint.post("/me/badges")
@requires()
@requires_step_up
@idempotent
def make_badge() -> Response:
    """The answer itself shows the badge: whoever asks later doesn't see it."""
    session = db_session()
    try:
        made = badges.make_badge(session, principal().person_id, _place(), _pin(), now())
    except Problem as problem:
        session.rollback()
        return _badges(problem)
    return _badges(None, made)


def _pin() -> str:
    typed = request.form.get("pin", "")
    if typed != request.form.get("pin_again", ""):
        raise Problem("pin-unlike", field="pin_again")
    return typed


def _place() -> UUID:
    try:
        return UUID(request.form.get("organisation_id", ""))
    except ValueError as error:
        raise Problem("badge-no-work", field="organisation_id") from error


@blueprint.post("/me/badges/<uuid:badge_id>/end")
@requires()
@idempotent
def end_own_badge(badge_id: UUID) -> Response:
    badges.end_badge(db_session(), badge_id, now(), person_id=principal().person_id)
    return to("me.badge_list")
