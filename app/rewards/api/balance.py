"""What the signed-in citizen has, and what is coming."""

from __future__ import annotations

from dataclasses import dataclass

from app.acting import covered_by
from app.context import db_session, now
from app.identity.mandates.models import Act
from app.identity.models import Role
from app.merchants.queries import coming_back
from app.openapi import answers
from app.rewards import queries
from app.rewards.api.blueprint import blueprint
from app.rewards.api.schemas import HomeOut
from app.security import principal, requires


@dataclass(frozen=True)
class Balance(queries.Home):
    coming_back_cents: int


@blueprint.get("/me/balance")
@requires(Role.CITIZEN)
@answers(HomeOut, etag=True)
@covered_by(Act.SEE, sees=["balance"])
def balance() -> Balance:
    """Tokens available now, and those promised with the hour from which they are credited."""
    session, person_id = db_session(), principal().whose
    home = queries.home(session, person_id, now())
    return Balance(home.accounts, home.coming, coming_back(session, person_id))
