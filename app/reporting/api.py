"""The public's figures and catalogue for programs, and a citizen's receipts."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request

from app.actions.models import Action
from app.context import db_session, services
from app.errors import NotFound
from app.identity.models import Role
from app.impact.catalogue import catalogue
from app.impact.entries import ActionType, Goal, Indicator
from app.limits import limited
from app.openapi import answers, query, streams
from app.reporting import export as exports
from app.reporting.export import Part
from app.reporting.figures_csv import as_csv
from app.reporting.receipts import receipt
from app.reporting.schemas import CatalogueOut, FiguresOut, FiguresQuery
from app.security import principal, public, requires

blueprint = Blueprint("reporting_api", __name__, url_prefix="/api/v1")


@blueprint.get("/figures")
@public
@query(FiguresQuery)
@answers(FiguresOut, etag=True)
def list_figures(query: dict[str, Any]) -> dict[str, Any]:
    """Every published figure with its provenance; of one indicator or the last months if asked."""
    return _export(Part(**query))


@blueprint.get("/figures.csv")
@public
@query(FiguresQuery)
@streams("text/csv")
def figures_csv(query: dict[str, Any]) -> Response:
    """The same figures, a line each."""
    part = Part(**query)
    found = _export(part)
    text = as_csv(found["figures"], catalogue(), found["records"])
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={part.name()}.csv"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _export(part: Part) -> dict[str, Any]:
    return exports.export(db_session(), catalogue(), services().settings.deployment_file, part)


@blueprint.get("/catalogue")
@public
@answers(CatalogueOut, etag=True)
def show_catalogue() -> dict[str, Any]:
    """What can be done, what it is worth, by which factors, and which indicators it touches."""
    found = catalogue()
    return {
        "factors_hash": found.factors_hash,
        "action_types": [_action_type(kind) for kind in found.action_types()],
        "factors": [factor for versions in found.factors.values() for factor in versions],
        "indicators": [_indicator(entry) for entry in found.indicators.values()],
        "goals": [_goal(goal) for goal in found.goals.values()],
    }


def _indicator(entry: Indicator) -> dict[str, Any]:
    return {**vars(entry), "same_as": catalogue().same_as(entry.code)}


def _goal(goal: Goal) -> dict[str, Any]:
    kinds = [kind.id for kind in catalogue().serving(goal.code)]
    return {**vars(goal), "action_types": kinds}


def _action_type(kind: ActionType) -> dict[str, Any]:
    rule = kind.co2e
    return {
        **vars(kind),
        "metrics": [{"metric": name, "multiplier": times} for name, times in kind.metrics.items()],
        "goals": catalogue().in_order(catalogue().goals_of(kind)),
        "baseline_factor": rule.baseline[0].id if rule else None,
        "action_factor": rule.action[0].id if rule and rule.action else None,
    }


@blueprint.get("/me/actions/<uuid:action_id>/receipt")
@requires(Role.CITIZEN)
@limited("receipt", quota=60, window=60)
@streams("application/json")
def download_receipt(action_id: UUID) -> Response:
    """A settled deed's receipt, for `civis verify`. It names the account: share it knowingly."""
    session, person = db_session(), principal().person_id
    action = session.get(Action, action_id)
    if action is None or action.person_id != person:
        raise NotFound
    settings = services().settings
    found = receipt(session, action, settings.deployment_file, settings.kept.artefacts)
    answer = Response(json.dumps(found, indent=2), mimetype="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename=receipt-{action_id}.json"
    return answer
