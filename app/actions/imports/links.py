"""Who a partner's rider is: linked by a one-time code from the citizen's own account.

The partner keeps its name for the rider; here it is a keyed hash. The citizen's consent to this
partner is recorded with the code and asked for again at each row that would be kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, not_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.actions.imports import problems
from app.actions.models import RiderLink, RiderLinkCode
from app.errors import NotFound, Problem
from app.identity.age_asked import check_may_agree, ends_with_consents
from app.privacy.consent_held import has_consent, in_force
from app.privacy.consent_steps import SELF, with_parent
from app.privacy.consents import give_consent, withdraw_consent
from app.privacy.halts import halted
from app.privacy.models import Consent
from app.privacy.service import keyed_hash

__all__ = ["link_rider", "links_of", "make_code", "problems", "revoke_link", "riders"]

PURPOSE = "partner_trips"
CODE_LASTS = timedelta(hours=1)
_SIGNS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def make_code(
    session: Session,
    *,
    person_id: UUID,
    organisation_id: UUID,
    now: datetime,
    notice_version: str | None = None,
    language: str = "fr",
    by: str = SELF,
    parent_agrees: bool = False,
) -> tuple[str, datetime]:
    """A code that the citizen gives to the partner, and when it ends; records their consent, as
    `give_consent` does. Raises Problem age-needed, parent-needed too."""
    if check_may_agree(session, person_id, parent_agrees=parent_agrees):
        by = with_parent(by)
    give_consent(
        session,
        person_id,
        PURPOSE,
        str(organisation_id),
        now,
        notice_version=notice_version,
        language=language,
        by=by,
    )
    return _new_code(session, person_id, organisation_id, now)


def _new_code(
    session: Session, person_id: UUID, organisation_id: UUID, now: datetime
) -> tuple[str, datetime]:
    code = "".join(secrets.choice(_SIGNS) for _ in range(10))
    row = RiderLinkCode(
        code_hash=_code_hash(session, organisation_id, code),
        person_id=person_id,
        organisation_id=organisation_id,
        expires_at=now + CODE_LASTS,
    )
    session.add(row)
    session.flush()
    return code, row.expires_at


def link_rider(
    session: Session, *, organisation_id: UUID, rider_ref: str, code: str, now: datetime
) -> RiderLink:
    """The partner's rider is whoever gave this code. Raises link-code-wrong, rider-linked."""
    digest = _code_hash(session, organisation_id, code.strip().upper())
    found = session.get(RiderLinkCode, digest, with_for_update=True, populate_existing=True)
    if found is None or found.used_at is not None or found.expires_at < now:
        raise Problem("link-code-wrong", field="code")
    if not has_consent(session, found.person_id, PURPOSE, str(organisation_id)):
        raise Problem("link-code-wrong", field="code")  # nobody agrees any more
    made: RiderLink | None = session.scalar(
        insert(RiderLink)
        .values(
            organisation_id=organisation_id,
            rider_hash=rider_hash(session, organisation_id, rider_ref),
            person_id=found.person_id,
            linked_at=now,
        )
        .on_conflict_do_nothing()
        .returning(RiderLink)
    )
    if made is None:
        raise Problem("rider-linked", field="rider_ref")
    found.used_at = now
    session.flush()
    return made


def end_consent(
    session: Session,
    person_id: UUID,
    purpose: str,
    recipient: str,
    now: datetime,
    *,
    by: str = SELF,
) -> None:
    """Withdraws it; a partner's link ends with the consent it stands on, so that no later yes
    revives it by itself."""
    withdraw_consent(session, person_id, purpose, recipient, now, by=by)
    for link in links_of(session, person_id):
        if purpose == PURPOSE and str(link.organisation_id) == recipient:
            revoke_link(session, link_id=link.id, person_id=person_id, now=now)


def revoke_link(session: Session, *, link_id: UUID, person_id: UUID, now: datetime) -> None:
    """The citizen ends it; no later row of this rider is kept. A second time changes nothing."""
    link = session.get(RiderLink, link_id, with_for_update=True)
    if link is None or link.person_id != person_id:
        raise NotFound
    _revoke(session, person_id, now, col(RiderLink.organisation_id) == link.organisation_id)
    withdraw_consent(session, person_id, PURPOSE, str(link.organisation_id), now)


@ends_with_consents
def end_all(session: Session, person_id: UUID, now: datetime) -> None:
    """Links, and codes that nobody has used yet: a later yes begins anew."""
    _revoke(session, person_id, now, true())
    unused = col(RiderLinkCode.person_id) == person_id, col(RiderLinkCode.used_at).is_(None)
    session.execute(update(RiderLinkCode).where(*unused).values(used_at=now))


def _revoke(session: Session, person_id: UUID, now: datetime, which: ColumnElement[bool]) -> None:
    live = col(RiderLink.person_id) == person_id, col(RiderLink.revoked_at).is_(None), which
    ended = update(RiderLink).where(*live).values(revoked_at=now).returning(col(RiderLink.id))
    for link_id in session.scalars(ended).all():
        journal.note(session, journal.RIDER_LINK_ENDED, now, link=link_id)


def links_of(session: Session, person_id: UUID) -> list[RiderLink]:
    """The person's live links, newest first."""
    query = select(RiderLink).where(
        col(RiderLink.person_id) == person_id, col(RiderLink.revoked_at).is_(None)
    )
    return list(session.scalars(query.order_by(col(RiderLink.id).desc())))


def riders(session: Session, organisation_id: UUID, hashes: Collection[bytes]) -> dict[bytes, UUID]:
    """Whose these riders are, now: a live link and a live consent to the notice in force."""
    if not hashes:
        return {}
    query = (
        select(col(RiderLink.rider_hash), col(RiderLink.person_id))
        .join(Consent, col(Consent.subject_id) == col(RiderLink.person_id))
        .where(
            col(RiderLink.organisation_id) == organisation_id,
            col(RiderLink.rider_hash).in_(list(hashes)),
            col(RiderLink.revoked_at).is_(None),
            col(Consent.recipient) == str(organisation_id),
            in_force(session, PURPOSE),
            not_(halted(col(RiderLink.person_id), PURPOSE)),
        )
    )
    return {row.rider_hash: row.person_id for row in session.execute(query)}


def rider_hash(session: Session, organisation_id: UUID, rider_ref: str) -> bytes:
    return keyed_hash(session, "rider", organisation_id.bytes, rider_ref.strip())


def _code_hash(session: Session, organisation_id: UUID, code: str) -> bytes:
    return keyed_hash(session, "rider-link-code", organisation_id.bytes, code)
