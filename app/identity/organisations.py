"""Organisations: bodies that vouch, bring data or take tokens, and the key the chain knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import changes, journal
from app.errors import NotFound, Problem
from app.identity import problems
from app.identity.models import KeyCustody, Organisation, OrganisationKind
from app.identity.own import check_not_own

__all__ = ["problems"]


def create_organisation(
    session: Session,
    *,
    slug: str,
    kind: OrganisationKind,
    name: str,
    now: datetime,
    by: UUID | None = None,
    district: str | None = None,
    time_zone: str = "Europe/Paris",
) -> Organisation:
    """A body without a key yet. A taken slug is the problem organisation-exists."""
    if by is not None and kind is OrganisationKind.CITY:
        raise Problem("organisation-kind", field="kind")
    organisation = Organisation(
        slug=slug,
        kind=kind,
        name=name,
        district=district,
        time_zone=time_zone,
        created_at=now,
        created_by=by,
    )
    session.add(organisation)
    session.flush()
    return organisation


def set_organisation_key(
    session: Session,
    organisation_id: UUID,
    *,
    address: str,
    custody: KeyCustody,
    valid_from: datetime,
    valid_until: datetime,
) -> Organisation:
    """The key that signs for the organisation; registering it on the chain is the caller's."""
    organisation = organisation_by_id(session, organisation_id)
    organisation.key_address, organisation.key_custody = address, custody
    organisation.key_valid_from, organisation.key_valid_until = valid_from, valid_until
    organisation.key_revoked_at = organisation.next_key_address = None
    session.flush()
    return organisation


def has_good_key(organisation: Organisation, now: datetime) -> bool:
    """Registered, neither revoked nor ended: the end itself is out, as on the chain."""
    until = organisation.key_valid_until
    registered = organisation.key_valid_from is not None and organisation.key_revoked_at is None
    return registered and until is not None and now < until


def revoke_organisation_key(session: Session, organisation_id: UUID, now: datetime) -> None:
    """The key counts no more from now on; revoking it on the chain is the caller's."""
    organisation = organisation_by_id(session, organisation_id)
    if organisation.key_revoked_at is None:
        end_key(organisation, now)
        journal.note(
            session,
            journal.ORGANISATION_KEY_REVOKED,
            now,
            organisation=organisation.id,
            address=str(organisation.key_address),
        )
        session.flush()


def end_key(organisation: Organisation, at: datetime) -> None:
    """And its offered successor: whoever has taken the one may have made the other."""
    organisation.key_revoked_at, organisation.next_key_address = at, None


def set_ceilings(
    session: Session,
    organisation_id: UUID,
    *,
    actions_per_day: int,
    reward_cents_per_day: int,
    by: UUID,
    now: datetime,
) -> Organisation:
    """What it may bring a day before the rest waits; never set by who works for it."""
    check_not_own(session, organisation_id, by)
    organisation = session.get(
        Organisation, organisation_id, with_for_update=True, populate_existing=True
    )
    if organisation is None:
        raise NotFound
    said = {"actions_per_day": actions_per_day, "reward_cents_per_day": reward_cents_per_day}
    changes.set_ceilings(session, organisation, said, by=by, now=now)
    session.flush()
    return organisation


def organisation_by_id(session: Session, organisation_id: UUID) -> Organisation:
    """Raises NotFound."""
    found = session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound
    return found


def organisation_by_slug(session: Session, slug: str) -> Organisation:
    """Raises NotFound."""
    found = session.scalar(select(Organisation).where(col(Organisation.slug) == slug))
    if found is None:
        raise NotFound
    return found


def partners(session: Session) -> Sequence[Organisation]:
    """Bodies that bring what their riders did, by name."""
    return session.scalars(
        select(Organisation)
        .where(col(Organisation.kind) == OrganisationKind.PARTNER)
        .order_by(col(Organisation.name), col(Organisation.id))
    ).all()
