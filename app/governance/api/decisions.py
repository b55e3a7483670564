"""What waits for a second officer, the second officer's answer, and who holds which role."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.context import db_session, now
from app.errors import Problem
from app.governance import guardianships, roles, service
from app.governance.api.blueprint import blueprint
from app.governance.models import Proposal
from app.governance.schemas import (
    NewRoleIn,
    ProposalOut,
    ProposalPage,
    RoleGrantOut,
    RoleGrantPage,
)
from app.idempotency import idempotent
from app.identity import service as identity
from app.identity.mandates.schemas import NewGuardianship, scope_of
from app.identity.models import Role, RoleGrant
from app.openapi import answers, body, query
from app.paging import PageQuery, page
from app.security import principal, requires


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


@blueprint.post("/guardianships")
@requires(Role.OFFICER)
@idempotent
@body(NewGuardianship)
@answers(ProposalOut, status=201)
def propose_guardianship(body: dict[str, Any]) -> Proposal:
    """Proposes a guardian after a court's decision; another officer's confirmation names them."""
    scope = scope_of(body)
    new = guardianships.NewGuardianship(body["ward"], body["guardian"], scope, body["reference"])
    by = principal().person_id
    return guardianships.propose_guardianship(db_session(), new, by=by, now=now())


@blueprint.post("/guardianships/<uuid:mandate_id>/end")
@requires(Role.OFFICER)
@idempotent
@answers(ProposalOut, status=201)
def propose_guardianship_end(mandate_id: UUID) -> Proposal:
    """Proposes to end a guardianship; another officer's confirmation ends it at once."""
    by = principal().person_id
    return guardianships.propose_end(db_session(), mandate_id, by=by, now=now())


@blueprint.get("/roles")
@requires(Role.OFFICER, Role.AUDITOR)
@query(PageQuery)
@answers(RoleGrantPage)
def role_grants(query: dict[str, Any]) -> dict[str, Any]:
    """Roles that have not ended, newest first, with both who gave them; people by their id."""
    rows, cursor = page(db_session(), roles.current_grants(now()), key=RoleGrant.id, **query)
    return {"items": rows, "next_cursor": cursor}


@blueprint.post("/roles")
@requires(Role.OFFICER)
@idempotent
@body(NewRoleIn)
@answers(ProposalOut, status=201)
def propose_role(body: dict[str, Any]) -> Proposal:
    """Proposes a role for whoever has this address; another officer's confirmation gives it. To a
    later end than the present one, it prolongs a role that they hold, without a gap."""
    new = roles.NewRole(**body | {"role": Role(body["role"])})
    return roles.propose_role(db_session(), new, by=principal().person_id, now=now())


@blueprint.post("/roles/<uuid:grant_id>/end")
@requires()
@idempotent
@answers(RoleGrantOut)
def end_role(grant_id: UUID) -> RoleGrant:
    """Ends a role at once: one's own, or as an officer anybody's. The record stays."""
    if principal().held_back:  # a stolen mailbox ends nobody's role, not even its owner's
        raise Problem("passkey-needed")
    identity.end_role(db_session(), grant_id, by=principal().person_id, now=now())
    return db_session().get_one(RoleGrant, grant_id)
