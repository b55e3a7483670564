"""Emergency access: open it, do its few deeds, end it, write down what one found afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for
from sqlalchemy import select
from sqlmodel import col

from app.context import db_session, now
from app.errors import Problem
from app.governance import emergencies
from app.governance.emergency_models import EmergencyAccess
from app.governance.emergency_schemas import (
    EmergencyBlock,
    EmergencyPause,
    NewEmergency,
    NewReview,
)
from app.idempotency import idempotent
from app.identity.models import Role
from app.identity.roles import STAFF
from app.paging import DEFAULT_LIMIT
from app.paging import page as page_of
from app.privacy.service import fetch_keys
from app.rewards.models import Programme, ProgrammeState
from app.rights import emergency_acts
from app.rights.schemas import RequestAnswer
from app.security import principal, requires, requires_step_up
from app.web import formats, forms
from app.web.office import emergency_view
from app.web.office.overview import blueprint
from app.web.shell import page, to
from app.web.telling import request_words
from app.web.words import gettext as _
from app.web.words import locale

HOURS = [(str(hours), str(hours)) for hours in range(1, emergencies.MOST_HOURS + 1)]


@blueprint.get("/office/emergencies")
@requires(*STAFF)
def emergency_list() -> Response:
    return _emergencies(None)


def _emergencies(problem: Problem | None) -> Response:
    session, person, roles = db_session(), principal().person_id, frozenset(principal().roles)
    rows, cursor = page_of(
        session,
        emergencies.shown_to(person, roles),
        key=EmergencyAccess.id,
        cursor=request.args.get("cursor"),
        limit=DEFAULT_LIMIT,
    )
    fetch_keys(session, {row.person_id for row in rows})
    shown = [emergency_view.shown(row) for row in rows]
    mine = any(one.person_id == person for one in emergencies.open_accesses(session, now()))
    again = emergencies.rested_at(session, person)
    session.commit()  # reading addresses and reasons is recorded, though this is a GET
    return page(
        "office/emergencies.html",
        problem=problem,
        officer=Role.OFFICER in roles,
        emergencies=shown,
        mine=mine,
        may_open=not mine and not emergencies.OPENERS.isdisjoint(roles),
        again=formats.moment(again) if again is not None and now() < again else "",
        hours=HOURS,
        programmes=_running(),
        form=request.form,
        next_url=url_for("office.emergency_list", cursor=cursor) if cursor else None,
    )


def _running() -> list[tuple[str, str]]:
    query = select(Programme).where(col(Programme.state) == ProgrammeState.RUNNING)
    rows = db_session().scalars(query.order_by(col(Programme.id)))
    return [(str(one.id), one.name[locale()]) for one in rows]


def _done(do: Callable[[], Any], show: Callable[[Problem], Response]) -> Response:
    try:
        do()
    except Problem as problem:
        db_session().commit() if problem.keep else db_session().rollback()
        return show(problem)
    return to("office.emergency_list")


@blueprint.post("/office/emergencies")
@requires(*STAFF)
@requires_step_up
@idempotent
def open_emergency() -> Response:
    def do() -> None:
        typed = {"hours": forms.number("hours"), **forms.given("reason")}
        said = forms.load(NewEmergency, typed)
        emergencies.open_access(db_session(), principal().person_id, **said, now=now())

    return _done(do, _emergencies)


@blueprint.post("/office/emergencies/<uuid:emergency_id>/end")
@requires(*emergencies.OPENERS)
@idempotent
def end_emergency(emergency_id: UUID) -> Response:
    by = principal().person_id
    return _done(
        lambda: emergencies.end_access(db_session(), emergency_id, by=by, now=now()), _emergencies
    )


@blueprint.post("/office/emergencies/<uuid:emergency_id>/reviews")
@requires(*emergencies.REVIEWERS)
@idempotent
def review_emergency(emergency_id: UUID) -> Response:
    def do() -> None:
        said, by = forms.load(NewReview, forms.given("text")), principal().person_id
        emergencies.review(db_session(), emergency_id, **said, by=by, now=now())
        flash(_("Noted."), "success")

    return _done(do, _emergencies)


@blueprint.post("/office/emergencies/blocks")
@requires(*emergencies.OPENERS)
@idempotent
def emergency_block() -> Response:
    def do() -> None:
        said = forms.load(EmergencyBlock, forms.given("known_by"))
        made = emergency_acts.block(db_session(), **said, by=principal().person_id, now=now())
        flash(_("Blocked until %(until)s.", until=formats.moment(made.until)), "success")

    return _done(do, _emergencies)


@blueprint.post("/office/emergencies/pauses")
@requires(*emergencies.OPENERS)
@idempotent
def emergency_pause() -> Response:
    def do() -> None:
        said = forms.load(EmergencyPause, forms.given("programme_id"))
        made = emergency_acts.pause(db_session(), **said, by=principal().person_id, now=now())
        flash(_("%(programme)s is paused.", programme=made.name[locale()]), "success")

    return _done(do, _emergencies)


@blueprint.get("/office/emergencies/requests")
@requires(*emergencies.OPENERS)
def emergency_requests() -> Response:
    return _late(None)


def _late(problem: Problem | None) -> Response:
    session, at = db_session(), now()
    try:
        rows = emergency_acts.late_requests(session, by=principal().person_id, now=at)
    except Problem as over:
        return _emergencies(problem or over)
    shown = [request_words.shown(row, (text, None), at) for row, text in rows]
    session.commit()  # each look is marked, though this is a GET
    return page("office/late.html", problem=problem, requests=shown)


@blueprint.post("/office/emergencies/requests/<uuid:request_id>")
@requires(*emergencies.OPENERS)
@idempotent
def emergency_answer(request_id: UUID) -> Response:
    def do() -> None:
        granted = request.form.get("decision") == "granted"
        said = forms.load(RequestAnswer, {"granted": granted, **forms.given("text")})
        by = principal().person_id
        emergency_acts.answer(db_session(), request_id, **said, by=by, now=now())

    return _done(do, _late)
