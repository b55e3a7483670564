"""The officer's programmes: their money and rules, and the forms that propose new ones."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time, timedelta
from importlib import resources
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, request
from sqlalchemy import select
from sqlmodel import col

from app.context import db_session, now, services
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Role
from app.impact.catalogue import catalogue
from app.rewards.authenticate import programme_of
from app.rewards.models import Programme
from app.rewards.programmes import NewProgramme
from app.rewards.published import is_general
from app.rewards.rule_changes import check_new_rules, propose_programme, propose_rules
from app.rewards.terms import newest_rules
from app.security import principal, requires
from app.web import formats, office, rule_form, rule_preview
from app.web.change_view import told
from app.web.programme_view import in_sentences, shown
from app.web.shell import page, to
from app.web.words import gettext as _
from app.web.words import locale

Form = dict[str, str]
EXAMPLE = {"example_kind": "glass-recycling", "example_quantity": "4", "example_level": "contact"}
TEXTS = (("name_fr", 3, 80), ("name_en", 3, 80))


@office.blueprint.get("/office/programmes")
@requires(Role.OFFICER)
def programmes() -> Response:
    session, person = db_session(), principal().person_id
    rows = session.scalars(select(Programme).order_by(col(Programme.id).desc())).all()
    return page(
        "office/programmes.html",
        programmes=[shown(session, row, now()) for row in rows],
        changes={row.id: told(session, row.id, person) for row in rows},
    )


def safe_rules() -> dict[str, Any]:
    """This installation's safe defaults."""
    text = (resources.files("app.rewards") / "data" / "demo_rules.json").read_text("utf-8")
    rules: dict[str, Any] = json.loads(text)
    return rules


@office.blueprint.get("/office/programmes/new")
@requires(Role.OFFICER)
def new_programme() -> Response:
    return _form(rule_form.typed(safe_rules()) | EXAMPLE, None)


@office.blueprint.post("/office/programmes/new")
@requires(Role.OFFICER)
@idempotent
def create_programme() -> Response:
    form = request.form.to_dict()
    try:
        new = _new_programme(form)
        if form.get("step") == "preview":
            return _form(form, None, rules=new.rules)
        propose_programme(db_session(), new, by=principal().person_id, now=now())
    except Problem as problem:
        db_session().rollback()
        return _form(form, None, problem=problem)
    return to("office.decisions")


@office.blueprint.get("/office/programmes/<uuid:programme_id>/rules")
@requires(Role.OFFICER)
def rules(programme_id: UUID) -> Response:
    programme = programme_of(db_session(), programme_id)
    tomorrow = now().astimezone(ZoneInfo(programme.time_zone)).date() + timedelta(days=1)
    start = _current(programme)
    typed = rule_form.typed(safe_rules() if is_general(start) else start) | EXAMPLE
    return _form(typed | {"valid_from": tomorrow.isoformat()}, programme)


@office.blueprint.post("/office/programmes/<uuid:programme_id>/rules")
@requires(Role.OFFICER)
@idempotent
def change_rules(programme_id: UUID) -> Response:
    programme, form = programme_of(db_session(), programme_id), request.form.to_dict()
    try:
        typed = rule_form.rules_of(form)
        if form.get("step") == "preview":
            return _form(form, programme, rules=typed)
        zone = ZoneInfo(programme.time_zone)
        begin = datetime.combine(_day(form, "valid_from"), time(), zone)
        by = principal().person_id
        propose_rules(db_session(), programme, typed, valid_from=begin, by=by, now=now())
    except Problem as problem:
        db_session().rollback()
        return _form(form, programme, problem=problem)
    return to("office.decisions")


def _current(programme: Programme) -> dict[str, Any]:
    """What the next version starts from and is compared with."""
    found = newest_rules(db_session(), programme.id)
    return found.rules if found else safe_rules()


def _form(
    form: Form,
    programme: Programme | None,
    *,
    rules: Any = None,
    problem: Problem | None = None,
) -> Response:
    """The form as typed; with `rules`, also what they say and what an example would bring."""
    example = None
    if rules is not None:
        check_new_rules(rules, catalogue())
        zone = services().settings.time_zone
        example = rule_preview.example(rules, form, now().date(), zone)
    before = set(in_sentences(_current(programme))) if programme else set()
    return page(
        "office/programme_form.html",
        problem=problem,
        programme=programme,
        name=programme.name[locale()] if programme else None,
        form=form,
        rows=rule_form.rows(form),
        levels=rule_form.level_words(),
        proofs=rule_form.proof_words(),
        example=example,
        sentences=[(one, one not in before) for one in in_sentences(rules)] if rules else [],
    )


def _new_programme(form: Form) -> NewProgramme:
    """What was typed. Raises Problem that names the field."""
    budget = formats.cents_of(form.get("budget", ""))
    if budget is None:
        raise Problem("amount-not-understood", field="budget")
    _check_texts(form)
    return NewProgramme(
        slug=form.get("slug", ""),
        name={"fr": form["name_fr"].strip(), "en": form["name_en"].strip()},
        token_symbol=form.get("token_symbol", "").upper(),
        first_day=_day(form, "first_day"),
        last_day_to_earn=_day(form, "last_day_to_earn"),
        last_day_to_spend=_day(form, "last_day_to_spend"),
        budget_cents=budget,
        rules=rule_form.rules_of(form),
        time_zone=formats.here().key,
    )


def _check_texts(form: Form) -> None:
    for name, least, most in TEXTS:
        if not least <= len(form.get(name, "").strip()) <= most:
            how = _("Between %(least)s and %(most)s signs.", least=least, most=most)
            raise Problem("programme-text-wrong", field=name, what=_("The name"), how=how)
    if not re.fullmatch(r"[a-z0-9-]{3,40}", form.get("slug", "")):
        how = _("Small letters, digits and hyphens.")
        raise Problem("programme-text-wrong", field="slug", what=_("The short name"), how=how)
    if not re.fullmatch(r"[A-Z]{2,8}", form.get("token_symbol", "").upper()):
        how = _("Two to eight letters.")
        raise Problem("programme-text-wrong", field="token_symbol", what=_("The symbol"), how=how)


def _day(form: Form, name: str) -> date:
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError as error:
        raise Problem("day-not-understood", field=name) from error
