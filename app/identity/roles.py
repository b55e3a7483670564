"""Roles: with dates, given by somebody else, and for staff only once a second person confirmed.

A grant without a giver comes from the installation itself (the first people of a city, a demo).
Everybody is a citizen; the other roles are rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.errors import NotFound, Problem
from app.identity.models import Role, RoleGrant

STAFF = frozenset({Role.OFFICER, Role.TREASURER, Role.AUDITOR, Role.OPERATOR})
# What counts only in a session that a passkey stands behind: a stolen mailbox gives none of it.
PASSKEY_ROLES = STAFF | {Role.ATTESTER_ADMIN}
OF_AN_ORGANISATION = frozenset({Role.ATTESTER, Role.ATTESTER_ADMIN, Role.MERCHANT, Role.PARTNER})
# What nobody holds at once: the rules and the money, a deed or a till and the decision about it,
# or a decision and its check.
INCOMPATIBLE = (
    (frozenset({Role.OFFICER}), frozenset({Role.TREASURER})),
    (
        frozenset({Role.OFFICER, Role.TREASURER}),
        frozenset({Role.ATTESTER, Role.ATTESTER_ADMIN, Role.MERCHANT}),
    ),
    (frozenset({Role.AUDITOR}), (STAFF - {Role.AUDITOR}) | OF_AN_ORGANISATION),
)
# Who may give what: the city's officers everything, an organisation's administrator its clerks.
_GIVERS = (Role.OFFICER, Role.OPERATOR)

Roles = Mapping[Role, frozenset[UUID | None]]


def grant_role(
    session: Session,
    *,
    person_id: UUID,
    role: Role,
    now: datetime,
    by: UUID | None = None,
    organisation_id: UUID | None = None,
    valid_until: datetime | None = None,
) -> RoleGrant:
    """Gives a role from now on; a staff role of a person's giving waits for `confirm_role`."""
    if (organisation_id is not None) != (role in OF_AN_ORGANISATION):
        raise Problem("role-organisation", field="organisation_id")
    if by is not None:
        _check_may_give(session, by, role, organisation_id, now)
        if by == person_id:
            raise Problem("role-for-oneself")
    check_compatible(role, roles_of(session, person_id, now))
    grant = RoleGrant(
        person_id=person_id,
        role=role,
        organisation_id=organisation_id,
        valid_from=now,
        valid_until=valid_until,
        granted_by=by,
    )
    session.add(grant)
    session.flush()
    return grant


def confirm_role(session: Session, grant_id: UUID, *, by: UUID, now: datetime) -> RoleGrant:
    """The second person's yes: neither the giver nor the receiver. Twice changes nothing."""
    grant = _locked(session, grant_id)
    if grant.confirmed_by is not None:
        return grant
    if by in (grant.person_id, grant.granted_by):
        raise Problem("role-second-person")
    _check_may_give(session, by, grant.role, grant.organisation_id, now)
    grant.confirmed_by = by
    session.flush()
    return grant


def end_role(session: Session, grant_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """Takes a role back at once; the row stays. Those before it are noted too: a backup from before
    it was prolonged knows them alone."""
    grant = _locked(session, grant_id)
    if by is not None and by != grant.person_id:  # anybody may lay their own role down
        _check_may_give(session, by, grant.role, grant.organisation_id, now)
    if grant.valid_until is None or grant.valid_until > now:
        grant.valid_until = now
        session.flush()
        same = select(col(RoleGrant.id)).where(
            _gives(grant.person_id, grant.role, grant.organisation_id)
        )
        for each in session.scalars(same.order_by(col(RoleGrant.id))).all():
            journal.note(session, journal.ROLE_ENDED, now, grant=each)


def held_grants(
    session: Session, person_id: UUID, role: Role, organisation_id: UUID | None, now: datetime
) -> Sequence[RoleGrant]:
    """What gives them this role at this moment, locked: it is one, if the installation gave no
    more."""
    held = select(RoleGrant).where(_gives(person_id, role, organisation_id), in_force(now))
    held = held.order_by(col(RoleGrant.id)).with_for_update()
    return session.scalars(held.execution_options(populate_existing=True)).all()


def has_ended_at(
    session: Session, person_id: UUID, role: Role, organisation_id: UUID | None, at: datetime
) -> bool:
    """Whether one that gave them this role has, or had, exactly this end."""
    same = exists().where(
        _gives(person_id, role, organisation_id), col(RoleGrant.valid_until) == at
    )
    return bool(session.scalar(select(same)))


def hand_over(session: Session, grants: Iterable[RoleGrant], now: datetime) -> None:
    """Ends them for one that begins now. Nothing is taken away, so the journal has no line: where a
    restore forgets the next one, these last until their own end."""
    for grant in grants:
        grant.valid_until = now
    session.flush()


def roles_of(session: Session, person_id: UUID, now: datetime) -> Roles:
    """What a person may do at this moment, and for which organisations (None: the city)."""
    rows = session.execute(
        select(col(RoleGrant.role), col(RoleGrant.organisation_id)).where(
            col(RoleGrant.person_id) == person_id, in_force(now)
        )
    )
    held: defaultdict[Role, set[UUID | None]] = defaultdict(set)
    held[Role.CITIZEN].add(None)
    for role, organisation_id in rows:
        held[role].add(organisation_id)
    return {role: frozenset(organisations) for role, organisations in held.items()}


def needs_passkey(session: Session, person_id: UUID, now: datetime) -> bool:
    """Whether they hold a role that counts only with a passkey."""
    return not PASSKEY_ROLES.isdisjoint(roles_of(session, person_id, now))


def in_force(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """The condition under which a row of role_grant counts; the signer uses the same."""
    return and_(
        began(now),
        or_(col(RoleGrant.valid_until).is_(None), col(RoleGrant.valid_until) > now),
    )


def began(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether it counts or has counted, ended or not."""
    return and_(
        col(RoleGrant.valid_from) <= now,
        or_(
            col(RoleGrant.role).not_in(STAFF),
            col(RoleGrant.granted_by).is_(None),
            col(RoleGrant.confirmed_by).is_not(None),
        ),
    )


def grants_to_confirm(session: Session, now: datetime) -> list[RoleGrant]:
    """Staff roles that wait for a second person, oldest first."""
    waiting = select(RoleGrant).where(
        col(RoleGrant.role).in_(STAFF),
        col(RoleGrant.granted_by).is_not(None),
        col(RoleGrant.confirmed_by).is_(None),
        or_(col(RoleGrant.valid_until).is_(None), col(RoleGrant.valid_until) > now),
    )
    return list(session.scalars(waiting.order_by(col(RoleGrant.id))))


def check_compatible(role: Role, held: Roles) -> None:
    """Raises Problem roles-incompatible, which names the role in the way."""
    for one, others in (*INCOMPATIBLE, *((b, a) for a, b in INCOMPATIBLE)):
        if role in one and (found := others & held.keys()):
            other = min(found, key=lambda each: each.value)
            raise Problem("roles-incompatible", field="role", role=role.value, held=other.value)


def _gives(person_id: UUID, role: Role, organisation_id: UUID | None) -> ColumnElement[bool]:
    return and_(
        col(RoleGrant.person_id) == person_id,
        col(RoleGrant.role) == role,
        col(RoleGrant.organisation_id).is_not_distinct_from(organisation_id),
    )


def _check_may_give(
    session: Session, by: UUID, role: Role, organisation_id: UUID | None, now: datetime
) -> None:
    held = roles_of(session, by, now)
    if any(giver in held for giver in _GIVERS):
        return
    administers = organisation_id in held.get(Role.ATTESTER_ADMIN, frozenset())
    if not (role is Role.ATTESTER and administers):
        raise Problem("role-not-yours-to-give")


def _locked(session: Session, grant_id: UUID) -> RoleGrant:
    grant = session.get(RoleGrant, grant_id, with_for_update=True, populate_existing=True)
    if grant is None:
        raise NotFound
    return grant
