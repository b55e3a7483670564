"""The officer's page of a programme's end: announce it, see what hinders closing, close it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from app.context import db_session, language, now
from app.endings import announcing, closing
from app.endings.standing import standing_of
from app.errors import Problem, sentence
from app.idempotency import idempotent
from app.identity.models import Role
from app.rewards import life
from app.rewards.models import Programme
from app.rewards.valuing.authenticate import programme_of
from app.security import principal, requires
from app.web.office import overview as office
from app.web.office.rules import day_typed
from app.web.shell import page, state_words, to
from app.web.words import locale


@office.blueprint.get("/office/programmes/<uuid:programme_id>/end")
@requires(Role.OFFICER)
def ending(programme_id: UUID) -> Response:
    return _ending(programme_of(db_session(), programme_id), None)


def _ending(programme: Programme, problem: Problem | None) -> Response:
    found = standing_of(db_session(), programme, now())
    said = [sentence(flaw.code, language(), flaw.values) for flaw in found.hindrances]
    first = found.first_last_day
    return page(
        "office/ending.html",
        problem=problem,
        p=programme,
        name=programme.name[locale()],
        state_words=state_words(programme.state.value),
        at=found,
        ended=programme.state in life.ENDED,
        last_day=request.form.get("last_day_to_spend", first.isoformat() if first else ""),
        hindrances=[(one.title, one.remedy) for one in said],
    )


@office.blueprint.post("/office/programmes/<uuid:programme_id>/end")
@requires(Role.OFFICER)
@idempotent
def announce_end(programme_id: UUID) -> Response:
    session, by = db_session(), principal().person_id
    try:
        last = day_typed(request.form.to_dict(), "last_day_to_spend")
        announcing.propose_end(session, programme_id, last, by=by, now=now())
    except Problem as problem:
        return _again(programme_id, problem)
    return to("office.decisions")


@office.blueprint.post("/office/programmes/<uuid:programme_id>/closing")
@requires(Role.OFFICER)
@idempotent
def close_programme(programme_id: UUID) -> Response:
    try:
        closing.propose_close(db_session(), programme_id, by=principal().person_id, now=now())
    except Problem as problem:
        return _again(programme_id, problem)
    return to("office.decisions")


def _again(programme_id: UUID, problem: Problem) -> Response:
    db_session().rollback()
    return _ending(programme_of(db_session(), programme_id), problem)


@office.blueprint.get("/office/programmes/<uuid:programme_id>/notice")
@requires(Role.OFFICER)
def ending_notice(programme_id: UUID) -> Response:
    """To print: for the counter and the shops, where people without an address hear of it."""
    programme = programme_of(db_session(), programme_id)
    return page("office/ending_notice.html", p=programme, name=programme.name[locale()])
