"""The officer's pages: overview, refusals and appeals, deeds."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from app.actions import review
from app.actions.api.appeal_schemas import NewAnswer
from app.actions.api.schemas import WithReason
from app.actions.codes import REASONS, choosable
from app.actions.models import Action, ActionState, Appeal
from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Organisation, Role
from app.privacy.service import Actor
from app.rewards.valuing.decided import propose_reversal
from app.rewards.valuing.deeds import answer_appeal
from app.security import principal, requires
from app.web import forms
from app.web.office import view as office_view
from app.web.shell import page, to
from app.web.telling import deed_lists, deeds
from app.web.welcome import tour_deed, tour_state
from app.web.words import gettext as _
from app.web.words import locale

blueprint = Blueprint("office", __name__)


@blueprint.get("/office")
@requires(Role.OFFICER)
def home() -> Response:
    session, at = db_session(), now()
    own = tour_deed.moved(session, at)
    if own is not None:
        tour_state.mark("figure")
    return page(
        "office/home.html",
        own_deed=own,
        sentences=office_view.sentences(session, at),
        incidents=office_view.incidents(session),
        spent=office_view.spent(session, office_view.month_start(at)),
        to_decide=office_view.to_decide(session, at),
        kept=office_view.kept(session),
    )


@blueprint.get("/office/refusals")
@requires(Role.OFFICER)
def refusals() -> Response:
    return _refusals(None)


def _refusals(problem: Problem | None) -> Response:
    session = db_session()
    rows, cursor = deed_lists.of_state(session, ActionState.REFUSED, request.args.get("cursor"))
    appeals = [_appeal(row) for row in deed_lists.open_appeals(session)]
    session.commit()  # reading an appeal is recorded, though this is a GET
    return page(
        "office/refusals.html",
        problem=problem,
        appeals=appeals,
        refusals=[_deed(row) for row in rows],
        next_url=url_for("office.refusals", cursor=cursor) if cursor else None,
    )


def _appeal(row: Appeal) -> SimpleNamespace:
    action = db_session().get_one(Action, row.action_id)
    actor = Actor(principal().person_id, Role.OFFICER.value)
    text = _read(row, actor)
    found = deeds.shown(action, now())
    return SimpleNamespace(
        id=row.id, what=found.what, when=found.when, reason=found.reason, text=text
    )


def _read(row: Appeal, actor: Actor) -> str:
    """Of many appeals one may stand still: the others are read all the same."""
    try:
        return review.read_appeal(db_session(), row, actor)[0]
    except Problem as problem:
        if problem.code != "use-halted":
            raise
        return _("not to be read: the person restricted it")


@blueprint.post("/office/appeals/<uuid:appeal_id>")
@requires(Role.OFFICER)
@idempotent
def answer(appeal_id: UUID) -> Response:
    try:
        said = {"upheld": request.form.get("upheld") == "yes", "text": request.form.get("answer")}
        answer_appeal(
            db_session(),
            appeal_id,
            **forms.load(NewAnswer, said),
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return _refusals(problem)
    return to("office.refusals")


@blueprint.get("/office/deeds")
@requires(Role.OFFICER)
def deed_list() -> Response:
    return _deeds(None)


def _deeds(problem: Problem | None) -> Response:
    rows, cursor = deed_lists.of_state(db_session(), None, request.args.get("cursor"))
    return page(
        "office/deeds.html",
        problem=problem,
        deeds=[_deed(row) for row in rows],
        reasons=[(code, text) for code, text in choosable_words()],
        next_url=url_for("office.deed_list", cursor=cursor) if cursor else None,
    )


def choosable_words() -> list[tuple[str, str]]:
    """The reasons an officer may pick, as sentences."""
    return [(code, REASONS[code].text(locale(), {})[0]) for code in choosable()]


def _deed(action: Action) -> SimpleNamespace:
    found = deeds.shown(action, now())
    organisation = (
        db_session().get(Organisation, action.organisation_id) if action.organisation_id else None
    )
    found.by = organisation.name if organisation else _("the citizen alone")
    return found


@blueprint.post("/office/deeds/<uuid:action_id>/reversal")
@requires(Role.OFFICER)
@idempotent
def reverse(action_id: UUID) -> Response:
    try:
        propose_reversal(
            db_session(),
            action_id=action_id,
            **forms.load(WithReason, forms.given("reason")),
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return _deeds(problem)
    return to("office.decisions")
