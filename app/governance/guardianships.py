"""Guardianships: entered by two officers after a court's decision, and ended by two.

The row of the mandate is written with the proposal, since the reference is sealed under the ward's
key; it holds from the second officer's yes on. Neither ward nor guardian is one of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.db import uuid7
from app.errors import NotFound, Problem
from app.governance.models import Proposal
from app.governance.service import carries, propose
from app.identity import service as identity
from app.identity.mandates import letters
from app.identity.mandates import service as mandates
from app.identity.mandates.models import Mandate, MandateKind, StepKind
from app.identity.mandates.queries import holds
from app.identity.models import Person
from app.identity.presence import person_by_number
from app.privacy.service import Actor, Ref, open_sealed, seal

KIND, END_KIND = "guardianship", "guardianship-end"
PURPOSE = "representation"


@dataclass(frozen=True)
class NewGuardianship:
    """`reference`: of the court's decision, such as its file number; the paper is not kept."""

    ward: str
    guardian: str
    scope: mandates.Scope
    reference: str


def propose_guardianship(
    session: Session, new: NewGuardianship, *, by: UUID, now: datetime
) -> Proposal:
    """The first officer's part; both are known by e-mail address or by their eight digits."""
    mandates.check_scope(new.scope, MandateKind.GUARDIANSHIP, now)
    ward, guardian = _known(session, new.ward, "ward"), _known(session, new.guardian, "guardian")
    if ward.id == guardian.id:
        raise Problem("mandate-oneself", field="guardian")
    row_id = uuid7()
    made = Mandate(
        id=row_id,
        person_id=ward.id,
        representative_id=guardian.id,
        kind=MandateKind.GUARDIANSHIP,
        acts=new.scope.names(),
        day_cents=new.scope.day_cents,
        until=new.scope.until,
        reference_sealed=seal(session, ward.id, _place(row_id), new.reference),
        offered_at=now,
        offered_by=by,
    )
    _check_no_part(made, by)
    session.add(made)
    session.flush()
    return propose(session, KIND, row_id, payload_of(made), by=by, now=now)


def propose_end(session: Session, mandate_id: UUID, *, by: UUID, now: datetime) -> Proposal:
    """Another officer's yes ends it at once."""
    found = _guardianship(session, mandate_id, by)
    if not holds(session, found, now):
        raise Problem("mandate-decided")
    return propose(session, END_KIND, mandate_id, {}, by=by, now=now)


def payload_of(mandate: Mandate) -> dict[str, Any]:
    """All that two officers agree to; the signer compares with the row."""
    return {
        "ward_id": str(mandate.person_id),
        "guardian_id": str(mandate.representative_id),
        "acts": mandate.acts,
        "day_cents": mandate.day_cents,
        "until": mandate.until.astimezone(UTC).isoformat(),
    }


def reference_of(session: Session, mandate: Mandate, actor: Actor) -> str | None:
    """Through gate and log."""
    if mandate.reference_sealed is None:
        return None
    place, value = _place(mandate.id), mandate.reference_sealed
    return open_sealed(session, mandate.person_id, place, value, purpose=PURPOSE, actor=actor)


@carries(KIND)
def _enter(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    found = _guardianship(session, UUID(proposal.subject), by)
    if found.until <= now:
        raise Problem("proposal-decided")
    for side in (found.person_id, found.representative_id):
        if identity.person(session, side).closed_at is not None:
            raise Problem("guardianship-person-unknown")
    mandates.add_step(session, found.id, StepKind.ACCEPTED, by=by, now=now)
    letters.tell_guardianship(session, found, now)


@carries(END_KIND)
def _end(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    found = _guardianship(session, UUID(proposal.subject), by)
    if not holds(session, found, now):
        raise Problem("mandate-decided")
    mandates.add_step(session, found.id, StepKind.ENDED, by=by, now=now)
    letters.tell_ended(session, found, now)


def _guardianship(session: Session, mandate_id: UUID, by: UUID) -> Mandate:
    found = session.get(Mandate, mandate_id)
    if found is None or found.kind is not MandateKind.GUARDIANSHIP:
        raise NotFound
    _check_no_part(found, by)
    return found


def _check_no_part(mandate: Mandate, by: UUID) -> None:
    if by in (mandate.person_id, mandate.representative_id):
        raise Problem("guardianship-own")


def _known(session: Session, known_by: str, field: str) -> Person:
    if "@" in known_by:
        found = identity.person_by_email(session, known_by)
    else:
        found = person_by_number(session, known_by)
    if found is None or found.closed_at is not None:
        raise Problem("guardianship-person-unknown", field=field)
    return found


def _place(mandate_id: UUID) -> Ref:
    return Ref("mandate", "reference_sealed", mandate_id)
