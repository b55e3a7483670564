"""What waits for a second officer, and deeds that wait for one: over a ceiling, or unanswered."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

from flask import Response, request, url_for

from app.actions.api.schemas import WithReason
from app.actions.models import Action, ActionState
from app.context import db_session, now
from app.errors import Problem
from app.governance import service as governance
from app.idempotency import idempotent
from app.identity.models import Organisation, Role
from app.recovery.cases import to_decide as recoveries_to_decide
from app.rewards.batches import held_up
from app.rewards.language.naming import Names
from app.rewards.valuing import deeds as use
from app.rewards.valuing.found_facts import KIND
from app.security import principal, requires
from app.web import forms
from app.web.office import overview as office
from app.web.office import proposal_view, shops_view
from app.web.office.refusal_words import refusal
from app.web.shell import page, to
from app.web.telling import deed_lists, deeds
from app.web.telling.rule_words import names

blueprint = office.blueprint


@blueprint.get("/office/decisions")
@requires(Role.OFFICER)
def decisions() -> Response:
    return _decisions(None)


def _decisions(problem: Problem | None) -> Response:
    session, at, person = db_session(), now(), principal().person_id
    waiting = governance.open_proposals(session)
    decided = governance.decided_proposals(session)
    shown = [proposal_view.shown(session, row, person, at) for row in waiting]
    session.commit()  # reading an address is recorded, though this is a GET
    return page(
        "office/decisions.html",
        problem=problem,
        waiting=shown,
        decided=[proposal_view.shown(session, row, person, at) for row in decided],
        shops=shops_view.to_confirm(session),
        recoveries=recoveries_to_decide(session, at),
    )


@blueprint.post("/office/decisions/<uuid:proposal_id>")
@requires(Role.OFFICER)
@idempotent
def decide(proposal_id: UUID) -> Response:
    decision = governance.confirm if request.form.get("yes") == "yes" else governance.reject
    try:
        decision(db_session(), proposal_id, by=principal().person_id, now=now())
    except Problem as problem:
        db_session().rollback()
        return _decisions(problem)
    return to("office.decisions")


@blueprint.get("/office/waiting")
@requires(Role.OFFICER)
def waiting() -> Response:
    return _waiting(None)


def _waiting(problem: Problem | None) -> Response:
    session = db_session()
    known = names(session)
    cursor, limit = request.args.get("cursor"), deed_lists.PER_PAGE
    rows, cursor = held_up.all_held_up(session, cursor=cursor, limit=limit)
    refused = held_up.refused_by_chain(session, rows)
    ended = held_up.ended_of(session, rows)
    return page(
        "office/waiting.html",
        problem=problem,
        deeds=[_deed(row, known, refused.get(row.id), ended) for row in rows],
        reasons=office.choosable_words(),
        next_url=url_for("office.waiting", cursor=cursor) if cursor else None,
    )


def _deed(
    action: Action, known: Names, refused: str | None, ended: frozenset[UUID]
) -> SimpleNamespace:
    found = deeds.in_detail(action, now(), whole=True, known=known)
    found.asks = action.state is ActionState.RECORDED
    found.refused = None if refused is None else refusal(f"{refused}()") or refused
    found.may_release = held_up.may_release(action, ended)
    found.ended = action.programme_id in ended
    found.completing = governance.waits(db_session(), KIND, action.id)
    body = (
        db_session().get(Organisation, action.organisation_id) if action.organisation_id else None
    )
    found.by = body.name if body else ""
    return found


@blueprint.post("/office/waiting/<uuid:action_id>")
@requires(Role.OFFICER)
@idempotent
def answer_waiting(action_id: UUID) -> Response:
    """Lets it through, or refuses it with a reason that its doer reads."""
    session, by, at = db_session(), principal().person_id, now()
    try:
        if request.form.get("release") == "yes":
            use.release(session, action_id, by=by, now=at)
        else:
            said = forms.load(WithReason, forms.given("reason"))
            use.refuse(session, action_id, **said, by=by, now=at)
    except Problem as problem:
        session.rollback()
        return _waiting(problem)
    return to("office.waiting")
