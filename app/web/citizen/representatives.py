"""One page: who may act for a person, and for whom they may act; switching to it and back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import Response, flash, request

from app.acting import own_always
from app.clock import city_day
from app.context import db_session, now
from app.errors import NotFound, Problem
from app.idempotency import idempotent
from app.identity.mandates import service as mandates
from app.identity.mandates.schemas import NewObjection
from app.identity.mandates.views import views_of
from app.identity.models import SignInSession
from app.limits import limited
from app.rights.guardians import object_to_guardianship
from app.security import principal, requires, requires_step_up
from app.web import forms
from app.web.citizen.me import blueprint
from app.web.parts import signer
from app.web.shell import page, to
from app.web.telling import mandate_words as words
from app.web.words import gettext as _

USUAL = timedelta(days=180)


@blueprint.get("/me/representatives")
@requires()
@own_always
def representatives() -> Response:
    return _representatives(None)


def _representatives(problem: Problem | None) -> Response:
    session, at, caller = db_session(), now(), principal()
    found = views_of(session, caller.person_id, at)
    session.commit()  # reading the other's address is recorded, though this is a GET
    return page(
        "me/representatives.html",
        problem=problem,
        named=[words.shown(one) for one in found.named],
        acting=[words.shown(one) for one in found.acting],
        under=caller.acting.mandate_id if caller.acting else None,
        choices=words.choices(request.form.getlist("acts") or ["see"]),
        form={"last_day": city_day(session, at + USUAL).isoformat(), **request.form.to_dict()},
    )


@blueprint.post("/me/representatives")
@requires()
@requires_step_up
@idempotent
@limited("representatives", quota=20, window=86_400)
def name_representative() -> Response:
    try:
        email, scope = request.form.get("email", ""), words.typed_scope()
        by = principal().person_id
        mandates.name(db_session(), by, email, scope, signer=signer(), now=now())
    except Problem as problem:
        db_session().rollback()
        return _representatives(problem)
    flash(_("Named. They must accept; a letter asks them."), "success")
    return to("me.representatives")


@blueprint.post("/me/mandates/<uuid:mandate_id>")
@requires()
@idempotent
def decide_mandate(mandate_id: UUID) -> Response:
    """Accept, refuse, or end at once."""
    session, by, at = db_session(), principal().person_id, now()
    try:
        match request.form.get("decision", ""):
            case "accept":
                mandates.accept(session, mandate_id, by=by, now=at)
            case "refuse":
                mandates.refuse(session, mandate_id, by=by, now=at)
            case "end":
                mandates.end(session, mandate_id, party=by, by=by, now=at)
            case _:
                raise NotFound
    except Problem as problem:
        session.rollback()
        if isinstance(problem, NotFound):
            raise
        return _representatives(problem)
    return to("me.representatives")


@blueprint.post("/me/mandates/<uuid:mandate_id>/objection")
@requires()
@idempotent
@limited("rights-request", quota=20, window=86_400)
def object_to_guardian(mandate_id: UUID) -> Response:
    session, ward = db_session(), principal().person_id
    try:
        said = forms.load(NewObjection, forms.given("text"))
        object_to_guardianship(session, mandate_id, ward=ward, **said, now=now())
    except NotFound:
        raise
    except Problem as problem:
        session.rollback()
        return _representatives(problem)
    flash(_("Objected. An officer answers within a month; you read it under “My requests”."))
    return to("me.representatives")


@blueprint.post("/me/acting")
@requires()
@idempotent
@own_always
def act_for() -> Response:
    """From here on every page is about the person who gave the mandate."""
    session, caller = db_session(), principal()
    try:
        named = UUID(request.form.get("mandate_id", ""))
    except ValueError as error:
        raise NotFound from error
    try:
        found = mandates.switch(session, named, by=caller.person_id, now=now())
    except NotFound:
        raise
    except Problem as problem:
        session.rollback()
        return _representatives(problem)
    session.get_one(SignInSession, caller.session_id).mandate_id = found.id
    may_see = "see" in found.acts
    return to("me.home" if may_see else "me.representatives")


@blueprint.post("/me/acting/end")
@requires()
@idempotent
@own_always
def act_for_oneself() -> Response:
    db_session().get_one(SignInSession, principal().session_id).mandate_id = None
    return to("me.representatives")
