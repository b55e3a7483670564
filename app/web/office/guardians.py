"""The officer's page of guardianships: those that hold, proposing one, proposing an end."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

from flask import Response, request

from app.clock import city_day
from app.context import db_session, now
from app.errors import Problem
from app.governance import guardianships
from app.idempotency import idempotent
from app.identity.mandates.schemas import NewParties
from app.identity.models import Role
from app.security import principal, requires
from app.web import forms
from app.web.office import guardian_view
from app.web.office.overview import blueprint
from app.web.shell import page, to
from app.web.telling import mandate_words

USUAL = timedelta(days=365)


@blueprint.get("/office/guardianships")
@requires(Role.OFFICER)
def guardianship_list() -> Response:
    return _guardianships(None)


def _guardianships(problem: Problem | None) -> Response:
    session, at, form = db_session(), now(), request.form
    shown = [
        SimpleNamespace(id=one.id, lines=guardian_view.sentences(session, one, names=True))
        for one in guardian_view.in_force(session)
    ]
    session.commit()  # reading addresses is recorded, though this is a GET
    return page(
        "office/guardianships.html",
        problem=problem,
        guardianships=shown,
        choices=mandate_words.choices(form.getlist("acts") or ["see"]),
        form={"last_day": city_day(session, at + USUAL).isoformat(), **form.to_dict()},
    )


@blueprint.post("/office/guardianships")
@requires(Role.OFFICER)
@idempotent
def propose_guardianship() -> Response:
    try:
        new = _typed()
        by = principal().person_id
        guardianships.propose_guardianship(db_session(), new, by=by, now=now())
    except Problem as problem:
        db_session().rollback()
        return _guardianships(problem)
    return to("office.decisions")


def _typed() -> guardianships.NewGuardianship:
    said = forms.load(NewParties, forms.given("ward", "guardian", "reference"))
    return guardianships.NewGuardianship(scope=mandate_words.typed_scope(), **said)


@blueprint.post("/office/guardianships/<uuid:mandate_id>/end")
@requires(Role.OFFICER)
@idempotent
def propose_guardianship_end(mandate_id: UUID) -> Response:
    try:
        by = principal().person_id
        guardianships.propose_end(db_session(), mandate_id, by=by, now=now())
    except Problem as problem:
        db_session().rollback()
        return _guardianships(problem)
    return to("office.decisions")
