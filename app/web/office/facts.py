"""A waiting deed of which the rules ask what it does not say: an officer names what was found."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

from flask import Response, request

from app.actions import review
from app.actions.api.fact_schemas import NewFacts
from app.actions.models import Action, ActionState
from app.context import db_session, now
from app.errors import NotFound, Problem
from app.idempotency import idempotent
from app.identity.models import Role
from app.rewards.valuing.completing import may_be_found, propose_facts
from app.rewards.valuing.found_facts import asked
from app.security import principal, requires
from app.web import forms
from app.web.office.overview import blueprint
from app.web.shell import page, to
from app.web.telling import deeds, fact_words


@blueprint.get("/office/waiting/<uuid:action_id>/facts")
@requires(Role.OFFICER)
def facts(action_id: UUID) -> Response:
    return _facts(action_id, None)


def _facts(action_id: UUID, problem: Problem | None) -> Response:
    action = db_session().get(Action, action_id)
    if action is None or action.state is not ActionState.RECORDED:
        raise NotFound
    wanted = asked(action.explanation)
    others = [name for name in may_be_found(db_session(), action) if name not in wanted]
    return page(
        "office/facts.html",
        problem=problem,
        deed=deeds.in_detail(action, now(), whole=True),
        wanted=[_field(name) for name in wanted],
        others=[_field(name) for name in others],
        others_open=any(request.form.get(name) for name in others),
        sources=[(key, str(words)) for key, words in fact_words.SOURCE_WORDS.items()],
        source=request.form.get("source", ""),
        own=_own(action),
    )


def _field(name: str) -> SimpleNamespace:
    return SimpleNamespace(
        name=name,
        label=str(fact_words.LABELS[name]),
        kind=fact_words.KINDS.get(name, "number"),
        value=request.form.get(name, ""),
    )


def _own(action: Action) -> bool:
    """Nobody decides on what they did or entered themselves."""
    try:
        review.check_not_own(action, principal().person_id)
    except Problem:
        return True
    return False


@blueprint.post("/office/waiting/<uuid:action_id>/facts")
@requires(Role.OFFICER)
@idempotent
def find_out(action_id: UUID) -> Response:
    try:
        typed = {"facts": fact_words.typed(request.form), **forms.given("source")}
        said = forms.load(NewFacts, typed)
        by = principal().person_id
        propose_facts(db_session(), action_id, by=by, now=now(), **said)
    except Problem as problem:
        db_session().rollback()
        return _facts(action_id, problem)
    return to("office.decisions")
