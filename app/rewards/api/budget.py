"""A programme's budget: how much of it is used, and how long it will last."""

from __future__ import annotations

from uuid import UUID

from app.context import db_session, now
from app.identity.models import Role
from app.openapi import answers
from app.rewards.api.blueprint import blueprint
from app.rewards.api.schemas import BudgetOut
from app.rewards.money.budget import Budget, budget_of
from app.rewards.valuing.authenticate import programme_of
from app.security import requires


@blueprint.get("/programmes/<uuid:programme_id>/budget")
@requires(Role.TREASURER, Role.OFFICER, Role.AUDITOR)
@answers(BudgetOut)
def budget(programme_id: UUID) -> Budget:
    """Funded, reserved, minted, and what became of the tokens, with the day it runs out."""
    return budget_of(db_session(), programme_of(db_session(), programme_id), now())
