"""Where to report a hole, as researchers' tools look for it (RFC 9116)."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response

from app.context import now, services
from app.errors import Problem
from app.security import public

blueprint = Blueprint("security_txt", __name__)
PATH = "/.well-known/security.txt"
LASTS = timedelta(days=180)


@blueprint.get(PATH)
@public
def contact() -> Response:
    """Only where the operator named an address: nobody's is invented."""
    settings = services().settings
    if not settings.help.mail:
        raise Problem("not-found")
    lines = (
        f"Contact: mailto:{settings.help.mail}",
        f"Expires: {now() + LASTS:%Y-%m-%dT00:00:00Z}",
        f"Preferred-Languages: {', '.join(settings.languages)}",
        f"Canonical: {settings.public_url}{PATH}",
    )
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
