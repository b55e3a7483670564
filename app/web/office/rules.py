"""The office's pages of a programme's rules: the form, JSON, and what is asked while typing."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Role
from app.rewards.models import Programme
from app.rewards.rule_sets.rule_changes import propose_rules
from app.rewards.valuing.authenticate import programme_of
from app.security import principal, requires
from app.web.office import overview as office
from app.web.rule_sets.rule_editor import Editor
from app.web.rule_sets.rule_ways import FORM, JSON

Form = dict[str, str]


@office.blueprint.get("/office/programmes/<uuid:programme_id>/rules")
@requires(Role.OFFICER)
def rules(programme_id: UUID) -> Response:
    return _editor(FORM, programme_id).begun()


@office.blueprint.post("/office/programmes/<uuid:programme_id>/rules")
@requires(Role.OFFICER)
@idempotent
def change_rules(programme_id: UUID) -> Response:
    """Looked at first; proposed when its warnings were seen."""
    return _editor(FORM, programme_id).sent()


@office.blueprint.get("/office/programmes/<uuid:programme_id>/rules/json")
@requires(Role.OFFICER)
def rules_json(programme_id: UUID) -> Response:
    return _editor(JSON, programme_id).begun()


@office.blueprint.post("/office/programmes/<uuid:programme_id>/rules/json")
@requires(Role.OFFICER)
@idempotent
def change_rules_json(programme_id: UUID) -> Response:
    return _editor(JSON, programme_id).sent()


@office.blueprint.post("/office/programmes/<uuid:programme_id>/rules/check")
@requires(Role.OFFICER)
def check_rules(programme_id: UUID) -> Response:
    return _editor(JSON, programme_id).checked()


def _editor(way: str, programme_id: UUID) -> Editor:
    programme = programme_of(db_session(), programme_id)
    return Editor(way, programme, lambda form, data: _propose(programme, form, data))


def _propose(programme: Programme, form: Form, data: dict[str, Any]) -> None:
    """Whoever sent it has seen the warnings. Raises Problem."""
    zone, by = ZoneInfo(programme.time_zone), principal().person_id
    begin = datetime.combine(day_typed(form, "valid_from"), time(), zone)
    propose_rules(
        db_session(), programme, data, valid_from=begin, by=by, now=now(), acknowledged=True
    )


def day_typed(form: Form, name: str) -> date:
    """Raises Problem day-not-understood."""
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError as error:
        raise Problem("day-not-understood", field=name) from error
