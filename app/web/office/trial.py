"""The office tries rules on deeds that were done: the programme's own, or those of a file.

The page is sent as it is made: how far it is stands there while it runs, without a script.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Response, request, stream_with_context

from app.context import db_session, now, services
from app.errors import Problem
from app.identity.models import Role
from app.limits import limited
from app.rewards.campaigns.faults import CampaignError
from app.rewards.language.action import Action
from app.rewards.language.loading import RuleSet
from app.rewards.models import Programme
from app.rewards.money.budget import budget_of
from app.rewards.outside.relied import outside_at
from app.rewards.rule_sets.published import general
from app.rewards.trying.history import read
from app.rewards.trying.simulation import Simulation
from app.rewards.valuing import own_history
from app.rewards.valuing.authenticate import programme_of
from app.rewards.valuing.terms import newest_rules
from app.security import requires
from app.web.office import overview as office
from app.web.office import trial_view
from app.web.problems import Place
from app.web.rendering import stream
from app.web.rule_sets import rule_json
from app.web.shell import page
from app.web.telling import outside_view, rule_words
from app.web.words import gettext as _
from app.web.words import locale

MOST_FILE = 64 * 1024**2  # bytes
STEPS = 10  # how often it says how far it is
View = Callable[..., Any]


def _with_file(view: View) -> View:
    """Lets a file of this size in; what is not in memory lies in a temporary file."""

    @wraps(view)
    def allowed(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = MOST_FILE
        return view(*args, **kwargs)

    return allowed


@office.blueprint.get("/office/programmes/<uuid:programme_id>/trial")
@requires(Role.OFFICER)
def trial(programme_id: UUID) -> Response:
    programme = programme_of(db_session(), programme_id)
    found = newest_rules(db_session(), programme.id)
    text = rule_json.written(found.rules, programme.time_zone) if found else ""
    return page("office/trial.html", **_asked(programme, {"rules": text}))


@office.blueprint.post("/office/programmes/<uuid:programme_id>/trial")
@_with_file
@requires(Role.OFFICER)
@limited("trial", quota=10, window=60)
def run_trial(programme_id: UUID) -> Response:
    programme, form = programme_of(db_session(), programme_id), request.form.to_dict()
    moment = outside_view.as_of(newest_rules(db_session(), programme.id), now())
    typed = outside_view.with_missing(db_session(), rule_json.read(form.get("rules", "")), moment)
    asked = _asked(programme, form) | {"typed": typed}
    if typed.data is None:
        answer = page("office/trial.html", **asked)
        answer.status_code = 422
        return answer
    try:
        source = _source(programme)
    except CampaignError as error:
        place, what = Place(error.path), error.said(locale())
        problem = Problem("history-not-understood", field="file", place=place, what=what)
        return page("office/trial.html", problem=problem, **asked)
    found, titles = _simulations(programme, typed.data, moment)
    running = _run(found, source)
    asked |= {"running": running, "outcome": lambda: _outcome(found, titles)}
    return Response(stream_with_context(stream("office/trial.html", problem=None, **asked)))


def _asked(programme: Programme, form: dict[str, str]) -> dict[str, Any]:
    return {
        "programme": programme,
        "name": programme.name[locale()],
        "form": form,
        "deeds": own_history.count(db_session(), programme.id),
        "typed": None,
        "running": None,
    }


class _Source:
    """Deeds, and how many there are."""

    def __init__(self, count: int, actions: Callable[[], Iterable[Action]]) -> None:
        self.count, self.actions = count, actions


def _source(programme: Programme) -> _Source:
    """Of a file, which is read through once before. Raises CampaignError."""
    file = request.files.get("file")
    if file is None or not file.filename:
        count = own_history.count(db_session(), programme.id)
        return _Source(count, lambda: own_history.history(db_session(), programme.id))
    folder = tempfile.TemporaryDirectory(dir=services().settings.home)
    path = Path(folder.name) / f"history{Path(file.filename).suffix.lower()[:10]}"
    file.save(path)
    try:
        count = sum(1 for _one in read(path, lambda _more: None))
    except CampaignError:
        folder.cleanup()
        raise
    return _Source(count, lambda: _read(path, folder))


def _read(path: Path, folder: tempfile.TemporaryDirectory[str]) -> Iterator[Action]:
    with folder:
        yield from read(path, lambda _more: None)


def _simulations(
    programme: Programme, data: dict[str, Any], moment: datetime
) -> tuple[list[Simulation], list[str]]:
    """What was typed, and beside it what holds or comes last, where that is another. `moment`: of
    what they name outside themselves."""
    newest = newest_rules(db_session(), programme.id)
    rules, titles = [RuleSet(data)], [_("These rules")]
    if newest is not None:
        current = general(newest.rules, programme.time_zone)
        if current.hash != rules[0].hash:
            rules.append(current)
            titles.append(_("Version %(v)s", v=newest.version))
    budget = programme.budget_cents or budget_of(db_session(), programme, now()).funded
    made = [
        Simulation(
            one, outside_at(db_session(), one.data, moment), budget_cents=budget, forgets=False
        )
        for one in rules
    ]
    return made, titles


def _run(found: list[Simulation], source: _Source) -> Iterator[int]:
    """Says each tenth, in percent."""
    told = 0
    for number, action in enumerate(source.actions(), 1):
        for one in found:
            one.add(action)
        while told < STEPS and number * STEPS >= (told + 1) * source.count:
            told += 1
            yield told * 100 // STEPS


def _outcome(found: list[Simulation], titles: list[str]) -> SimpleNamespace:
    return trial_view.shown(found, titles, rule_words.names(db_session()))
