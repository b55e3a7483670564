"""What rules name and don't hold, for everybody: each version, its hash and how to check it."""

from __future__ import annotations

from json import dumps

from flask import Blueprint, Response

from app.context import db_session, now
from app.rewards.outside import queries
from app.security import public
from app.web.shell import page
from app.web.telling import outside_view

blueprint = Blueprint("outside", __name__)


@blueprint.get("/outside-data/<kind>/<name>")
@public
def one(kind: str, name: str) -> Response:
    rows = queries.versions_of(db_session(), queries.kind_of(kind), name)
    holding = queries.holding(rows, now()) or rows[0]
    return page(
        "outside/one.html",
        holding=outside_view.shown(holding),
        content=outside_view.content(holding),
        polygon="polygon" in holding.data,
        versions=[outside_view.shown(row) for row in rows],
    )


@blueprint.get("/outside-data/<kind>/<name>/<int:version>.json")
@public
def document(kind: str, name: str, version: int) -> Response:
    """What the hash was made of."""
    row = queries.one_version(db_session(), queries.kind_of(kind), name, version)
    header = {"Content-Disposition": f"attachment; filename={kind}-{name}-{version}.json"}
    text = dumps(queries.document_of(row).to_json(), ensure_ascii=False, indent=1) + "\n"
    return Response(text, mimetype="application/json", headers=header)
