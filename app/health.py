"""Whether this process lives, and whether it can serve.

/livez answers while the process runs; /readyz and /api/v1/health only when the database answers
and is at the version of this code. The chain is not asked: no request waits for it.
"""

from __future__ import annotations

from alembic.script import ScriptDirectory
from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from app.context import db_session
from app.errors import Problem
from app.fields import Output, Text
from app.migrations import configuration
from app.openapi import answers
from app.restore_guard import check_open
from app.security import public

blueprint = Blueprint("health", __name__)


class HealthOut(Output):
    status = Text(required=True)
    migration = Text(required=True)


def check() -> dict[str, str]:
    """The database's migration. Raises try-again when it isn't the newest, being-restored while the
    doors are shut."""
    newest = ScriptDirectory.from_config(configuration()).get_current_head()
    current: str | None = db_session().scalar(text("select version_num from alembic_version"))
    if current is None or current != newest:
        raise Problem("try-again", headers={"Retry-After": "5"})
    check_open()
    return {"status": "ok", "migration": current}


@blueprint.get("/livez")
@public
def live() -> Response:
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready() -> Response:
    return jsonify(check())


@blueprint.get("/api/v1/health")
@public
@answers(HealthOut)
def health() -> dict[str, str]:
    """Whether the service can answer."""
    return check()
