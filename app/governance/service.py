"""Two people for one decision: proposed by one, confirmed by another, done when confirmed.

What a confirmation does is said by the part that owns it, with `carries(kind)`; it checks anew
what the proposal checked, since the world may have moved on. Callers commit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import NotFound, Problem, define, on_constraint
from app.governance.models import Proposal, ProposalState

Carrier = Callable[[Session, Proposal, UUID, datetime], None]
CARRIERS: dict[str, Carrier] = {}

define(
    "another-must-confirm",
    403,
    en=(
        "Another officer must confirm",
        "Nobody confirms what they proposed.",
        "Ask an officer other than the one who proposed it.",
    ),
    fr=(
        "Un autre agent doit confirmer",
        "Nul ne confirme sa propre proposition.",
        "Demandez à un agent autre que l’auteur de la proposition.",
    ),
)
define(
    "proposal-decided",
    409,
    en=("This is decided already", "It was confirmed, rejected or withdrawn.", "Reload the page."),
    fr=("C’est déjà décidé", "Confirmé, rejeté ou retiré.", "Rechargez la page."),
)
define(
    "proposal-waits",
    409,
    en=(
        "A proposal about this waits already",
        "One at a time.",
        "Have it confirmed, rejected or withdrawn first.",
    ),
    fr=(
        "Une proposition à ce sujet attend déjà",
        "Une seule à la fois.",
        "Faites-la d’abord confirmer, rejeter ou retirer.",
    ),
)
on_constraint("uq_proposal_open", "proposal-waits")
on_constraint("ck_proposal_second_person", "another-must-confirm")


def carries(kind: str) -> Callable[[Carrier], Carrier]:
    """Marks the function that does what a confirmed proposal of this kind says."""

    def keep(carrier: Carrier) -> Carrier:
        CARRIERS[kind] = carrier
        return carrier

    return keep


def propose(
    session: Session,
    kind: str,
    subject: object,
    payload: Mapping[str, Any],
    *,
    by: UUID,
    now: datetime,
) -> Proposal:
    """Writes down what is to be done; nothing happens yet. Raises Problem proposal-waits."""
    if waits(session, kind, subject):
        raise Problem("proposal-waits")
    made = Proposal(
        kind=kind,
        subject=str(subject),
        payload=dict(payload),
        state=ProposalState.OPEN,
        proposed_by=by,
        proposed_at=now,
    )
    session.add(made)
    session.flush()
    return made


def waits(session: Session, kind: str, subject: object) -> bool:
    """Whether a proposal of this kind about it waits for a second person."""
    waiting = select(col(Proposal.id)).where(
        col(Proposal.kind) == kind,
        col(Proposal.subject) == str(subject),
        col(Proposal.state) == ProposalState.OPEN,
    )
    return session.scalar(waiting) is not None


def confirm(session: Session, proposal_id: UUID, *, by: UUID, now: datetime) -> Proposal:
    """The second person's yes; what was proposed is done. Raises Problem, and does nothing."""
    found = _open(session, proposal_id)
    if found.proposed_by == by:
        raise Problem("another-must-confirm")
    found.state, found.decided_by, found.decided_at = ProposalState.CONFIRMED, by, now
    CARRIERS[found.kind](session, found, by, now)
    session.flush()
    return found


def reject(session: Session, proposal_id: UUID, *, by: UUID, now: datetime) -> Proposal:
    """It is not done: withdrawn by who proposed it, rejected by anybody else."""
    found = _open(session, proposal_id)
    own = found.proposed_by == by
    found.state = ProposalState.WITHDRAWN if own else ProposalState.REJECTED
    found.decided_by, found.decided_at = by, now
    session.flush()
    return found


def open_proposals(session: Session) -> list[Proposal]:
    """What waits for a second person, oldest first."""
    waiting = select(Proposal).where(col(Proposal.state) == ProposalState.OPEN)
    return list(session.scalars(waiting.order_by(col(Proposal.id))))


def decided_proposals(session: Session, limit: int = 20) -> list[Proposal]:
    """What was decided last."""
    ended = select(Proposal).where(col(Proposal.state) != ProposalState.OPEN)
    return list(session.scalars(ended.order_by(col(Proposal.decided_at).desc()).limit(limit)))


def latest(session: Session, kind: str, subject: object) -> Proposal | None:
    """The newest proposal of a kind about something, whatever became of it."""
    query = select(Proposal).where(
        col(Proposal.kind) == kind, col(Proposal.subject) == str(subject)
    )
    return session.scalars(query.order_by(col(Proposal.id).desc()).limit(1)).one_or_none()


def _open(session: Session, proposal_id: UUID) -> Proposal:
    found = session.get(Proposal, proposal_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    if found.state is not ProposalState.OPEN:
        raise Problem("proposal-decided")
    return found
