"""What waits for a second officer, and the second officer's answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint
from sqlalchemy import select

from app.context import db_session, now
from app.governance import service
from app.governance.models import Proposal
from app.governance.schemas import ProposalOut, ProposalPage
from app.idempotency import idempotent
from app.identity.models import Role
from app.openapi import answers, query
from app.paging import PageQuery, page
from app.security import principal, requires

blueprint = Blueprint("governance_api", __name__, url_prefix="/api/v1")


@blueprint.get("/proposals")
@requires(Role.OFFICER, Role.AUDITOR)
@query(PageQuery)
@answers(ProposalPage)
def proposals(query: dict[str, Any]) -> dict[str, Any]:
    """What needs two people, newest first, with both on record once it is decided."""
    rows, cursor = page(db_session(), select(Proposal), key=Proposal.id, **query)
    return {"items": rows, "next_cursor": cursor}


@blueprint.post("/proposals/<uuid:proposal_id>/confirmation")
@requires(Role.OFFICER)
@idempotent
@answers(ProposalOut)
def confirm(proposal_id: UUID) -> Proposal:
    """The second officer's yes: what was proposed is done."""
    return service.confirm(db_session(), proposal_id, by=principal().person_id, now=now())


@blueprint.post("/proposals/<uuid:proposal_id>/rejection")
@requires(Role.OFFICER)
@idempotent
@answers(ProposalOut)
def reject(proposal_id: UUID) -> Proposal:
    """It is not done: withdrawn by who proposed it, rejected by another officer."""
    return service.reject(db_session(), proposal_id, by=principal().person_id, now=now())
