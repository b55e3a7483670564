"""What a person asks of all that is known about them."""

from __future__ import annotations

from flask import Blueprint, Response, send_file

from app.context import db_session, now
from app.limits import limited
from app.openapi import streams
from app.rights.export import export
from app.security import principal, requires, requires_step_up

blueprint = Blueprint("rights_api", __name__, url_prefix="/api/v1/me")


@blueprint.get("/export.zip")
@requires()
@requires_step_up
@limited("export", quota=10, window=3600)
@streams("application/zip")
def download() -> Response:
    """Everything that Civis holds about this person, as JSON and CSV with a manifest."""
    at = now()
    archive = export(db_session(), principal().person_id, at)
    name = f"civis-{at.date().isoformat()}.zip"
    answer = send_file(archive, "application/zip", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
