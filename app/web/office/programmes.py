"""The officer's programmes: their money and rules, and the forms that propose new ones."""

from __future__ import annotations

import re
from typing import Any

from flask import Response
from sqlalchemy import select
from sqlmodel import col

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Role
from app.rewards.models import Programme
from app.rewards.programmes import NewProgramme
from app.rewards.rule_sets.rule_changes import propose_programme
from app.security import principal, requires
from app.web import formats
from app.web.office import overview as office
from app.web.office.rules import day_typed
from app.web.rule_sets.rule_editor import Editor
from app.web.rule_sets.rule_ways import FORM, JSON
from app.web.shell import page
from app.web.telling.change_view import told
from app.web.telling.programme_view import shown
from app.web.words import gettext as _

Form = dict[str, str]
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


@office.blueprint.get("/office/programmes/new")
@requires(Role.OFFICER)
def new_programme() -> Response:
    return Editor(FORM).begun()


@office.blueprint.post("/office/programmes/new")
@requires(Role.OFFICER)
@idempotent
def create_programme() -> Response:
    return Editor(FORM, propose=_propose).sent()


@office.blueprint.get("/office/programmes/new/json")
@requires(Role.OFFICER)
def new_programme_json() -> Response:
    return Editor(JSON).begun()


@office.blueprint.post("/office/programmes/new/json")
@requires(Role.OFFICER)
@idempotent
def create_programme_json() -> Response:
    return Editor(JSON, propose=_propose).sent()


@office.blueprint.post("/office/programmes/new/check")
@requires(Role.OFFICER)
def check_new_rules() -> Response:
    return Editor(JSON).checked()


def _propose(form: Form, rules: dict[str, Any]) -> None:
    """Whoever sent it has seen the warnings. Raises Problem."""
    new, by = _new_programme(form, rules), principal().person_id
    propose_programme(db_session(), new, by=by, now=now(), acknowledged=True)


def _new_programme(form: Form, rules: dict[str, Any]) -> NewProgramme:
    """What was typed. Raises Problem that names the field."""
    budget = formats.cents_of(form.get("budget", ""))
    if budget is None:
        raise Problem("amount-not-understood", field="budget")
    _check_texts(form)
    return NewProgramme(
        slug=form.get("slug", ""),
        name={"fr": form["name_fr"].strip(), "en": form["name_en"].strip()},
        token_symbol=form.get("token_symbol", "").upper(),
        first_day=day_typed(form, "first_day"),
        last_day_to_earn=day_typed(form, "last_day_to_earn"),
        last_day_to_spend=day_typed(form, "last_day_to_spend"),
        budget_cents=budget,
        rules=rules,
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
