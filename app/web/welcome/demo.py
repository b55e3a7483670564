"""One click signs in as each role: only in the demo home, refused everywhere else."""

from __future__ import annotations

from flask import Blueprint, Response, request, session

from app.context import db_session, now, services
from app.errors import Problem
from app.identity.people import person_by_email
from app.identity.sign_in import open_session
from app.security import public
from app.web.entering.sign_in import enter, own_path

blueprint = Blueprint("demo", __name__)
ROLES = (
    "citizen",
    "clerk",
    "baker",
    "officer",
    "officer-2",
    "treasurer-1",
    "treasurer-2",
    "auditor",
    "bike-share",
)


def address(who: str) -> str:
    """Role addresses, never a person's name."""
    return f"{who}@demo.example"


@blueprint.post("/demo/sign-in/<who>")
@public
def sign_in(who: str) -> Response:
    if not (services().settings.demo and services().settings.embedded) or who not in ROLES:
        raise Problem("not-found")
    person = person_by_email(db_session(), address(who))
    if person is None:
        raise Problem("demo-not-ready")
    session["next"] = own_path(request.args.get("then", ""))
    return enter(open_session(db_session(), person.id, "browser", now()))
