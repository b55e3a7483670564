"""The officer's page of what rules name and don't hold: calendars, zones, numbers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask import Response, request

from app.context import db_session, now
from app.errors import Problem
from app.idempotency import idempotent
from app.identity.models import Role
from app.rewards.outside import publishing, queries
from app.rewards.outside.documents import KINDS
from app.security import principal, requires
from app.web import formats
from app.web.office import outside_form
from app.web.office.overview import blueprint
from app.web.shell import page, to
from app.web.telling import outside_view
from app.web.words import locale

Form = dict[str, str]
FIELDS = ("kind", "name", "source", "licence")


@blueprint.get("/office/outside-data")
@requires(Role.OFFICER)
def outside_data() -> Response:
    """With `kind` and `name`, the form begins from their newest version."""
    asked = request.args
    form = {"kind": asked.get("kind", KINDS[0]), "name": asked.get("name", "")}
    if form["name"] and form["kind"] in KINDS:
        row = queries.versions_of(db_session(), queries.kind_of(form["kind"]), form["name"])[0]
        form |= {"source": row.source, "licence": row.licence}
        form["data"] = outside_form.text_of(form["kind"], row.data)
    tomorrow = now().astimezone(formats.here()).date() + timedelta(days=1)
    return _page({"valid_from": tomorrow.isoformat(), **form})


@blueprint.post("/office/outside-data")
@requires(Role.OFFICER)
@idempotent
def propose_outside() -> Response:
    form = request.form.to_dict()
    try:
        _propose(form)
    except Problem as problem:
        db_session().rollback()
        return _page(form, problem)
    return to("office.decisions")


def _propose(form: Form) -> None:
    """A file goes before what was typed. Raises Problem."""
    try:
        day = date.fromisoformat(form.get("valid_from", ""))
    except ValueError as error:
        raise Problem("day-not-understood", field="valid_from") from error
    file = request.files.get("file")
    if file is not None and file.filename:
        form["data"] = file.read().decode("utf-8-sig", errors="replace")
    try:
        data = outside_form.data_of(form.get("kind", ""), form.get("data", ""))
    except ValueError as error:
        raise Problem("outside-not-json", field="data") from error
    said = {name: form.get(name, "").strip() for name in FIELDS} | {"data": data}
    begin, by = datetime.combine(day, time(), formats.here()), principal().person_id
    try:
        publishing.propose_outside(db_session(), said, valid_from=begin, by=by, now=now())
    except Problem as problem:
        raise outside_form.in_words(problem, form.get("data", "")) from problem


def _page(form: Form, problem: Problem | None = None) -> Response:
    rows = queries.newest_of_each(db_session())
    said = problem.sentence(locale()) if problem else None
    return page(
        "office/outside.html",
        problem=problem,
        wrong={problem.field: said.detail or said.title} if problem and said else {},
        form=form,
        kinds=[(kind.value, str(words)) for kind, words in outside_view.KINDS.items()],
        rows=[outside_view.shown(row) for row in rows],
    )
