"""Roles are proposed by one officer and confirmed by another; until then nobody holds anything.

The person is known by their e-mail address, the proposal by the person's id alone. Nobody takes
part in a decision about themselves or the organisation that they work for. Ending is one
person's: what looks wrong must stop at once. A role that is held is prolonged in the same way, to
a later day: it goes on until the confirmation, which puts another grant in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
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


@dataclass(frozen=True)
class _Asked:
    """What a proposal holds. `held_until`: of the role that it prolongs."""

    person_id: UUID
    role: Role
    organisation_id: UUID | None
    until: datetime
    held_until: datetime | None = None

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> _Asked:
        return cls(
            UUID(said["person_id"]),
            Role(said["role"]),
            UUID(said["organisation_id"]) if said["organisation_id"] else None,
            datetime.fromisoformat(said["valid_until"]),
            datetime.fromisoformat(said["held_until"]) if said.get("held_until") else None,
        )

    def said(self) -> dict[str, str | None]:
        said = {
            "person_id": str(self.person_id),
            "role": self.role.value,
            "organisation_id": str(self.organisation_id) if self.organisation_id else None,
            "valid_until": self.until.isoformat(),
        }
        held = {"held_until": self.held_until.isoformat()} if self.held_until else {}
        return said | held


def propose_role(session: Session, new: NewRole, *, by: UUID, now: datetime) -> Proposal:
    """The first officer's part. The person is entered if nobody has this address yet."""
    check_end(new.valid_until, now)
    _check_organisation(session, new.role, new.organisation_id, by)
    level = IdentityLevel.CONTACT
    person_id = identity.register_person(session, new.email, level=level, now=now, named=True).id
    if person_id == by:
        raise Problem("role-for-oneself")
    asked = _Asked(person_id, new.role, new.organisation_id, new.valid_until)
    ends = [one.valid_until for one in _check_person(session, asked, now) if one.valid_until]
    said = replace(asked, held_until=max(ends, default=None)).said()
    subject = f"{person_id}:{new.role.value}:{said['organisation_id'] or ''}"
    return propose(session, KIND, subject, said, by=by, now=now)


@carries(KIND)
def _give(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    """Together with the end of what is prolonged: no instant lies between them."""
    asked = _Asked.read(proposal.payload)
    check_end(asked.until, now)
    _check_organisation(session, asked.role, asked.organisation_id, by)
    held = _check_person(session, asked, now)
    _check_not_taken_away(session, asked)
    identity.hand_over(session, held, now)
    grant = identity.grant_role(
        session,
        person_id=asked.person_id,
        role=asked.role,
        now=now,
        by=proposal.proposed_by,
        organisation_id=asked.organisation_id,
        valid_until=asked.until,
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


def _check_person(session: Session, asked: _Asked, now: datetime) -> Sequence[RoleGrant]:
    """What they hold of this role already. Raises Problem role-held unless a later day is asked."""
    held = identity.held_grants(session, asked.person_id, asked.role, asked.organisation_id, now)
    if any(one.valid_until is None or one.valid_until >= asked.until for one in held):
        raise Problem("role-held", field="role")
    check_compatible(asked.role, identity.roles_of(session, asked.person_id, now))
    return held


def _check_not_taken_away(session: Session, asked: _Asked) -> None:
    """Whoever ended a role meanwhile is not overruled by a proposal that knew nothing of it."""
    whose = asked.person_id, asked.role, asked.organisation_id
    until = asked.held_until
    if until is not None and not identity.has_ended_at(session, *whose, until):
        raise Problem("role-ended-since")
