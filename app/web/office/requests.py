"""The officer's queue of requests about data: the one with the least time left first."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Role
from app.privacy.service import Actor
from app.rights import requests
from app.rights.schemas import MoreTime, RequestAnswer
from app.security import principal, requires
from app.web import forms
from app.web.office import overview as office
from app.web.shell import page, to
from app.web.telling import request_words as words

blueprint = office.blueprint


@blueprint.get("/office/requests")
@requires(Role.OFFICER)
def request_list() -> Response:
    return _requests(None)


def _requests(problem: Problem | None) -> Response:
    session, at, reader = db_session(), now(), principal().person_id
    actor = Actor(reader, Role.OFFICER.value)
    shown = [
        words.shown(row, requests.read(session, row, actor, at), at)
        for row in requests.waiting(session)
        if row.person_id != reader
    ]
    session.commit()  # the reading is recorded, though this is a GET
    return page("office/requests.html", problem=problem, requests=shown, form=request.form)


@blueprint.post("/office/requests/<uuid:request_id>")
@requires(Role.OFFICER)
@idempotent
def answer_request(request_id: UUID) -> Response:
    """An answer, yes or no, or more time; each with words that the person reads."""
    session, by, at = db_session(), principal().person_id, now()
    decision, said = request.form.get("decision", ""), forms.given("text")
    try:
        if decision == "more-time":
            requests.extend(session, request_id, **forms.load(MoreTime, said), by=by, now=at)
        else:
            read = forms.load(RequestAnswer, {"granted": decision == "granted", **said})
            requests.answer(session, request_id, **read, by=by, now=at)
    except Problem as problem:
        session.rollback()
        return _requests(problem)
    return to("office.request_list")
