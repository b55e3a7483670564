"""The office's rule set editor: JSON of the general language, checked, previewed, proposed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, jsonify, request

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Role
from app.rewards.authenticate import programme_of
from app.rewards.models import Programme
from app.rewards.outside import kept
from app.rewards.rule_changes import propose_rules
from app.rewards.terms import newest_rules
from app.security import principal, requires
from app.web import office, outside_view, rule_json, rule_words
from app.web.office_programmes import safe_rules
from app.web.rule_json import Typed
from app.web.shell import page, to
from app.web.words import locale

Form = dict[str, str]
SEEN = "seen"


@office.blueprint.get("/office/programmes/<uuid:programme_id>/rules/json")
@requires(Role.OFFICER)
def rules_json(programme_id: UUID) -> Response:
    programme = programme_of(db_session(), programme_id)
    tomorrow = now().astimezone(ZoneInfo(programme.time_zone)).date() + timedelta(days=1)
    text = rule_json.written(_current(programme), programme.time_zone)
    return _form(programme, {"rules": text, "valid_from": tomorrow.isoformat()})


@office.blueprint.post("/office/programmes/<uuid:programme_id>/rules/json")
@requires(Role.OFFICER)
@idempotent
def change_rules_json(programme_id: UUID) -> Response:
    """Previewed first; proposed when its warnings were seen."""
    programme, form = programme_of(db_session(), programme_id), request.form.to_dict()
    typed = _read(programme, form)
    if typed.data is None or form.get("step") != "propose":
        return _form(programme, form, typed)
    try:
        _propose(programme, form, typed.data, typed.cautions)
    except Problem as problem:
        db_session().rollback()
        return _form(programme, form, typed, problem)
    return to("office.decisions")


@office.blueprint.post("/office/programmes/<uuid:programme_id>/rules/check")
@requires(Role.OFFICER)
def check_rules_json(programme_id: UUID) -> Response:
    """For the page, while somebody types; nothing is kept."""
    typed = _read(programme_of(db_session(), programme_id), request.form)
    faults = [vars(one) for one in typed.faults[: rule_json.MOST_FAULTS]]
    return jsonify(faults=faults, warnings=typed.cautions)


def _propose(programme: Programme, form: Form, data: dict[str, Any], cautions: list[str]) -> None:
    """Raises Problem."""
    if cautions and form.get(SEEN) != "yes":
        raise Problem("warnings-not-seen", field=SEEN)
    begin, by = _begin(programme, form), principal().person_id
    if begin is None:
        raise Problem("day-not-understood", field="valid_from")
    propose_rules(
        db_session(), programme, data, valid_from=begin, by=by, now=now(), acknowledged=True
    )


def _begin(programme: Programme, form: Mapping[str, str]) -> datetime | None:
    try:
        day = date.fromisoformat(form.get("valid_from", ""))
    except ValueError:
        return None
    return datetime.combine(day, time(), ZoneInfo(programme.time_zone))


def _read(programme: Programme, form: Mapping[str, str]) -> Typed:
    typed = rule_json.read(form.get("rules", ""), _current(programme), programme.time_zone)
    return outside_view.with_missing(db_session(), typed, _begin(programme, form) or now())


def _current(programme: Programme) -> dict[str, Any]:
    found = newest_rules(db_session(), programme.id)
    return found.rules if found else safe_rules()


def _samples(programme: Programme, form: Form, data: dict[str, Any]) -> list[SimpleNamespace]:
    begin = max(_begin(programme, form) or now(), now())
    return rule_json.samples(
        _current(programme), data, programme.time_zone, now(),
        lambda rules: kept.at(db_session(), rules, begin),
    )  # fmt: skip


def _form(
    programme: Programme, form: Form, typed: Typed | None = None, problem: Problem | None = None
) -> Response:
    """The text as typed; once it was checked, its faults, or what it would change."""
    zone, session, data = programme.time_zone, db_session(), typed.data if typed else None
    current = _current(programme)
    answer = page(
        "office/rules_json.html",
        problem=problem,
        programme=programme,
        name=programme.name[locale()],
        form=form,
        typed=typed,
        changes=rule_words.changed(session, current, data, zone) if data else [],
        samples=_samples(programme, form, data) if data else [],
        sections=rule_words.sections(session, data, zone) if data else [],
    )
    if typed and typed.faults:
        answer.status_code = 422
    return answer
