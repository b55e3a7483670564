"""Roles are proposed by one officer and confirmed by another; until then nobody holds anything.

The person is known by their e-mail address, the proposal by the person's id alone. Nobody takes
part in a decision about themselves or the organisation that they work for. Ending is one
person's: what looks wrong must stop at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.governance.models import Proposal
from app.governance.service import carries, propose
from app.identity import service as identity
from app.identity.models import IdentityLevel, OrganisationKind, Role, RoleGrant
from app.identity.own import check_not_own
from app.identity.roles import OF_AN_ORGANISATION, STAFF, check_compatible

KIND = "role"
PURPOSE = "roles"  # for which an officer reads the address of somebody with a role
LONGEST = timedelta(days=3 * 366)
GIVEN = tuple(role for role in Role if role is not Role.CITIZEN)
KINDS = {
    Role.ATTESTER: (OrganisationKind.ATTESTER,),
    Role.ATTESTER_ADMIN: (OrganisationKind.ATTESTER, OrganisationKind.PARTNER),
    Role.PARTNER: (OrganisationKind.PARTNER,),
    Role.MERCHANT: (OrganisationKind.MERCHANT, OrganisationKind.ASSOCIATION),
}


@dataclass(frozen=True)
class NewRole:
    email: str
    role: Role
    valid_until: datetime
    organisation_id: UUID | None = None


def propose_role(session: Session, new: NewRole, *, by: UUID, now: datetime) -> Proposal:
    """The first officer's part. The person is entered if nobody has this address yet."""
    check_end(new.valid_until, now)
    _check_organisation(session, new.role, new.organisation_id, by)
    level = IdentityLevel.CONTACT
    person_id = identity.register_person(session, new.email, level=level, now=now, named=True).id
    if person_id == by:
        raise Problem("role-for-oneself")
    _check_person(session, person_id, new.role, new.organisation_id, now)
    payload = {
        "person_id": str(person_id),
        "role": new.role.value,
        "organisation_id": str(new.organisation_id) if new.organisation_id else None,
        "valid_until": new.valid_until.isoformat(),
    }
    subject = f"{person_id}:{new.role.value}:{payload['organisation_id'] or ''}"
    return propose(session, KIND, subject, payload, by=by, now=now)


@carries(KIND)
def _give(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    said = proposal.payload
    person_id, role = UUID(said["person_id"]), Role(said["role"])
    organisation_id = UUID(said["organisation_id"]) if said["organisation_id"] else None
    until = datetime.fromisoformat(said["valid_until"])
    check_end(until, now)
    _check_organisation(session, role, organisation_id, by)
    _check_person(session, person_id, role, organisation_id, now)
    grant = identity.grant_role(
        session,
        person_id=person_id,
        role=role,
        now=now,
        by=proposal.proposed_by,
        organisation_id=organisation_id,
        valid_until=until,
    )
    identity.confirm_role(session, grant.id, by=by, now=now)


def current_grants(now: datetime) -> Select[RoleGrant]:
    """Roles that have not ended, the citizen's apart."""
    return select(RoleGrant).where(_goes_on(now), col(RoleGrant.role) != Role.CITIZEN)


def holders(session: Session, role: Role, now: datetime) -> Sequence[UUID]:
    """Who holds a staff role at this moment."""
    query = select(RoleGrant).where(_goes_on(now), col(RoleGrant.role) == role)
    return [
        grant.person_id
        for grant in session.scalars(query)
        if role in identity.roles_of(session, grant.person_id, now)
    ]


def check_end(until: datetime, now: datetime) -> None:
    if not now < until <= now + LONGEST:
        raise Problem("role-end-wrong", field="valid_until")


def _goes_on(now: datetime) -> ColumnElement[bool]:
    return or_(col(RoleGrant.valid_until).is_(None), col(RoleGrant.valid_until) > now)


def _check_organisation(
    session: Session, role: Role, organisation_id: UUID | None, by: UUID
) -> None:
    if (organisation_id is not None) != (role in OF_AN_ORGANISATION):
        raise Problem("role-organisation", field="organisation_id")
    if organisation_id is None:
        if role not in STAFF:
            raise Problem("role-not-yours-to-give", field="role")
        return
    if identity.organisation_by_id(session, organisation_id).kind not in KINDS[role]:
        raise Problem("organisation-kind", field="organisation_id")
    check_not_own(session, organisation_id, by)


def _check_person(
    session: Session, person_id: UUID, role: Role, organisation_id: UUID | None, now: datetime
) -> None:
    held = identity.roles_of(session, person_id, now)
    if organisation_id in held.get(role, frozenset()):
        raise Problem("role-held", field="role")
    check_compatible(role, held)
