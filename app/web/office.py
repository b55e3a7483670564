"""The officer's pages: overview, programmes, refusals and appeals, deeds, organisations."""

from __future__ import annotations

import json
from datetime import date
from importlib import resources
from types import SimpleNamespace
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from sqlalchemy import select
from sqlmodel import col

from app.actions import review
from app.actions.codes import REASONS, choosable
from app.actions.models import Action, ActionState, Appeal
from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Organisation, Role
from app.impact.catalogue import catalogue
from app.privacy.service import Actor
from app.rewards.deeds import answer_appeal
from app.rewards.models import Programme
from app.rewards.programmes import NewProgramme
from app.rewards.programmes import create_programme as create_new
from app.security import principal, requires
from app.web import deed_lists, deeds, office_view, tour_state
from app.web.programme_view import shown as programme_shown
from app.web.shell import page, to
from app.web.words import gettext as _
from app.web.words import locale

blueprint = Blueprint("office", __name__)


@blueprint.get("/office")
@requires(Role.OFFICER)
def home() -> Response:
    session, at = db_session(), now()
    tour_state.mark("figure")
    return page(
        "office/home.html",
        sentences=office_view.sentences(session, at),
        incidents=office_view.incidents(session),
        spent=office_view.spent(session),
        kept=office_view.kept(session),
    )


@blueprint.get("/office/programmes")
@requires(Role.OFFICER)
def programmes() -> Response:
    return _programmes({}, None)


def _programmes(form: dict[str, str], problem: Problem | None) -> Response:
    rows = db_session().scalars(select(Programme).order_by(col(Programme.id).desc()))
    return page(
        "office/programmes.html",
        problem=problem,
        programmes=[programme_shown(db_session(), row, now()) for row in rows],
        form=form,
    )


@blueprint.post("/office/programmes")
@requires(Role.OFFICER)
@idempotent
def create_programme() -> Response:
    form = request.form.to_dict()
    try:
        create_new(
            db_session(),
            _new_programme(form),
            catalogue=catalogue(),
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return _programmes(form, problem)
    return to("office.programmes")


def _new_programme(form: dict[str, str]) -> NewProgramme:
    """Rates and caps are this installation's safe defaults. Raises Problem."""
    rules = resources.files("app.rewards") / "data" / "demo_rules.json"
    return NewProgramme(
        slug=form.get("slug", ""),
        name={"fr": form.get("name_fr", ""), "en": form.get("name_en", "")},
        token_symbol=form.get("token_symbol", "").upper(),
        first_day=_day(form, "first_day"),
        last_day_to_earn=_day(form, "last_day_to_earn"),
        last_day_to_spend=_day(form, "last_day_to_spend"),
        rules=json.loads(rules.read_text("utf-8")),
    )


def _day(form: dict[str, str], name: str) -> date:
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError as error:
        raise Problem("day-not-understood", field=name) from error


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
    text, _answer = review.read_appeal(db_session(), row, actor)
    found = deeds.shown(action, now())
    return SimpleNamespace(
        id=row.id, what=found.what, when=found.when, reason=found.reason, text=text
    )


@blueprint.post("/office/appeals/<uuid:appeal_id>")
@requires(Role.OFFICER)
@idempotent
def answer(appeal_id: UUID) -> Response:
    try:
        answer_appeal(
            db_session(),
            appeal_id,
            upheld=request.form.get("upheld") == "yes",
            text=request.form.get("answer", "").strip()[:2000],
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
        review.reverse(
            db_session(),
            action_id=action_id,
            reason=request.form.get("reason", ""),
            by=principal().person_id,
            now=now(),
        )
    except Problem as problem:
        db_session().rollback()
        return _deeds(problem)
    return to("office.deed_list")
