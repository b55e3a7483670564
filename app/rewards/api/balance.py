"""What the signed-in citizen has, and what is coming."""

from __future__ import annotations

from app.context import db_session
from app.identity.models import Role
from app.openapi import answers
from app.rewards import queries
from app.rewards.api.blueprint import blueprint
from app.rewards.api.schemas import HomeOut
from app.security import principal, requires


@blueprint.get("/me/balance")
@requires(Role.CITIZEN)
@answers(HomeOut, etag=True)
def balance() -> queries.Home:
    """Tokens available now, and those promised with the hour from which they are credited."""
    return queries.home(db_session(), principal().person_id)
