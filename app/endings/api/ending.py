"""Announcing a programme's end, seeing where it stands, closing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.context import db_session, language, now
from app.endings import announcing, closing
from app.endings.api.blueprint import blueprint
from app.endings.api.schemas import EndOut, NewEnd
from app.endings.standing import standing_of
from app.errors import sentence
from app.governance.models import Proposal
from app.governance.schemas import ProposalOut
from app.idempotency import idempotent
from app.identity.models import Role
from app.openapi import answers, body
from app.rewards.valuing.authenticate import programme_of
from app.security import principal, requires


@dataclass(frozen=True)
class Hindrance:
    """In the reader's language."""

    code: str
    detail: str
    remedy: str


@blueprint.get("/programmes/<uuid:programme_id>/end")
@requires(Role.OFFICER, Role.TREASURER, Role.AUDITOR)
@answers(EndOut)
def end(programme_id: UUID) -> dict[str, Any]:
    """Where the programme stands: announced or not, who was told, what keeps it from being
    closed, and what is left for its funder."""
    found = standing_of(db_session(), programme_of(db_session(), programme_id), now())
    said = [(one.code, sentence(one.code, language(), one.values)) for one in found.hindrances]
    return vars(found) | {"hindrances": [Hindrance(code, s.title, s.remedy) for code, s in said]}


@blueprint.post("/programmes/<uuid:programme_id>/end")
@requires(Role.OFFICER)
@idempotent
@body(NewEnd)
@answers(ProposalOut, status=201)
def announce(programme_id: UUID, body: dict[str, Any]) -> Proposal:
    """Proposes the last day to spend, thirty days ahead or more and never sooner than published.
    Once another officer confirms, everybody with an account there is told."""
    by = principal().person_id
    return announcing.propose_end(db_session(), programme_id, **body, by=by, now=now())


@blueprint.post("/programmes/<uuid:programme_id>/closing")
@requires(Role.OFFICER)
@idempotent
@answers(ProposalOut, status=201)
def close(programme_id: UUID) -> Proposal:
    """Proposes to close it for good, over nothing that is open. Once another officer confirms,
    what nobody spent expires in one step on the chain."""
    by = principal().person_id
    return closing.propose_close(db_session(), programme_id, by=by, now=now())
