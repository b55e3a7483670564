"""While a restored database is brought up to the chain, nobody is let in."""

from __future__ import annotations

from flask import request

from app.context import Application, services
from app.doors import DoorsShutError, are_open
from app.error_answers import answer
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

    app.register_error_handler(DoorsShutError, lambda _: answer(_being_restored()))


def check_open() -> None:
    """Raises Problem being-restored."""
    if not are_open(services().database):
        raise _being_restored()


def _being_restored() -> Problem:
    return Problem("being-restored", headers={"Retry-After": "60", "X-Doors": "shut"})
