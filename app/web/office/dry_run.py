"""The office looks at one person's deeds under a rule set, line by line: a sample person's, or
those that were pasted or uploaded. Nothing of it is kept."""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Response, request

from app.context import db_session, now, services
from app.errors import Problem
from app.identity.models import Role
from app.limits import limited
from app.rewards.campaigns.faults import CampaignError
from app.rewards.language.action import Action
from app.rewards.models import Programme
from app.rewards.outside.relied import outside_at
from app.rewards.trying.history import read
from app.rewards.valuing.authenticate import programme_of
from app.rewards.valuing.terms import newest_rules
from app.security import requires
from app.web.office import overview as office
from app.web.problems import Place
from app.web.rule_sets import rule_json
from app.web.shell import page
from app.web.telling import dry_run, outside_view, rule_words
from app.web.words import locale

Form = dict[str, str]


@office.blueprint.get("/office/programmes/<uuid:programme_id>/dry-run")
@requires(Role.OFFICER)
def one_person(programme_id: UUID) -> Response:
    programme = programme_of(db_session(), programme_id)
    found = newest_rules(db_session(), programme.id)
    text = rule_json.written(found.rules, programme.time_zone) if found else ""
    return _page(programme, {"rules": text, "who": next(iter(dry_run.SAMPLES))})


@office.blueprint.post("/office/programmes/<uuid:programme_id>/dry-run")
@requires(Role.OFFICER)
@limited("trial", quota=10, window=60)
def run_one_person(programme_id: UUID) -> Response:
    programme, form = programme_of(db_session(), programme_id), request.form.to_dict()
    moment = outside_view.as_of(newest_rules(db_session(), programme.id), now())
    typed = outside_view.with_missing(db_session(), rule_json.read(form.get("rules", "")), moment)
    if typed.data is None:
        answer = _page(programme, form, typed=typed)
        answer.status_code = 422
        return answer
    try:
        deeds = _deeds(form, typed.data)
    except CampaignError as error:
        place, what = Place(error.path), error.said(locale())
        problem = Problem("history-not-understood", field="deeds", place=place, what=what)
        return _page(programme, form, problem=problem)
    known = outside_at(db_session(), typed.data, moment)
    called = rule_words.names(db_session()).with_zones(typed.data, locale())
    return _page(programme, form, outcome=dry_run.run(typed.data, deeds, known, called))


def _deeds(form: Form, data: dict[str, Any]) -> list[Action]:
    """Raises CampaignError."""
    name = form.get("who", "")
    if name in dry_run.SAMPLES:
        return dry_run.sample_deeds(name, data, now())
    with tempfile.TemporaryDirectory(dir=services().settings.home) as folder:
        return list(islice(read(_file(Path(folder), form), lambda _more: None), dry_run.MOST_DEEDS))


def _file(folder: Path, form: Form) -> Path:
    """What was uploaded, else what was pasted."""
    file = request.files.get("file")
    if file is not None and file.filename:
        path = folder / f"deeds{Path(file.filename).suffix.lower()[:10]}"
        file.save(path)
        return path
    text = form.get("deeds", "").strip()
    path = folder / f"deeds{ {'{': '.jsonl', '[': '.json'}.get(text[:1], '.csv') }"
    path.write_text(text + "\n", "utf-8", errors="replace")
    return path


def _page(programme: Programme, form: Form, **more: Any) -> Response:
    return page(
        "office/dry_run.html",
        **{"problem": None, "typed": None, "outcome": None} | more,
        programme=programme,
        name=programme.name[locale()],
        form=form,
        people=dry_run.choices(),
        pasted=dry_run.PASTED,
    )
