"""While a restored database is brought up to the chain, nobody is let in.

A process asks until it finds the doors open, and then never again: a database is restored only
while no part runs.
"""

from __future__ import annotations

from flask import request

from app.context import Application, services
from app.doors import are_shut
from app.errors import Problem, define

ALWAYS = ("/livez", "/readyz", "/api/v1/health", "/static/")

define(
    "being-restored",
    503,
    en=(
        "Civis is being restored from a backup",
        "Until that is done nothing can be looked at or changed.",
        "Come back in a while. What you did lately may be missing for now.",
    ),
    fr=(
        "Civis est en cours de restauration",
        "Jusqu’à la fin, rien ne peut être consulté ni modifié.",
        "Revenez dans un moment. Vos derniers gestes peuvent manquer pour l’instant.",
    ),
)


def init_app(app: Application) -> None:
    @app.before_request
    def look() -> None:
        if not request.path.startswith(ALWAYS):
            check_open()


def check_open() -> None:
    """Raises Problem being-restored."""
    parts = services()
    if parts.database.known_open:
        return
    with parts.database.session() as session:
        if are_shut(session):
            raise Problem("being-restored", headers={"Retry-After": "60", "X-Doors": "shut"})
    parts.database.known_open = True
