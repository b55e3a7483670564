"""People: the address is sealed under their own key and found by a keyed hash of it."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from app import telemetry
from app.errors import NotFound, Problem
from app.identity import problems
from app.identity.models import IdentityLevel, Person, PresenceSecret, SignInSession
from app.identity.openid.models import IdentityIndex, OpenIdIdentity, OpenIdSession
from app.identity.passkeys.models import Passkey
from app.identity.sessions import end_sessions
from app.identity.stations.models import Badge
from app.privacy.service import (
    Actor,
    Ref,
    SealBroken,
    create_subject,
    erase_subject,
    keyed_hash,
    open_sealed,
    seal,
)

__all__ = ["problems"]

log = telemetry.logger("identity")
MAX_EMAIL = 254
# No encoded word (RFC 2047): in a header it would be another address, or none.
_EMAIL = re.compile(r"(?!.*=\?)[^@\s\"(),:;<>\[\\\]]{1,64}@([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}")


def normal_email(email: str) -> str:
    """One form of one address. Raises Problem email-invalid."""
    plain = unicodedata.normalize("NFC", email.strip()).lower()
    if len(plain) > MAX_EMAIL or not _EMAIL.fullmatch(plain):
        raise Problem("email-invalid", field="email")
    return plain


def email_lookup(session: Session, email: str) -> bytes:
    return keyed_hash(session, "email", normal_email(email))


def register_person(
    session: Session,
    email: str | None,
    *,
    level: IdentityLevel,
    now: datetime,
    language: str = "fr",
    simulated: bool = False,
    named: bool = False,
) -> Person:
    """A new person, or the one who has this address already; not committed. `named`: by somebody
    else's word, so that nobody knows yet whether they want to be here (app.identity.never_came).
    """
    if email is not None:
        known = person_by_email(session, email)
        if known is not None:
            return _named_again(known, now) if named else known
    subject_id = create_subject(session, now)
    row = insert(Person).values(
        id=subject_id,
        email_lookup=None if email is None else email_lookup(session, email),
        email_sealed=None if email is None else _sealed(session, subject_id, email),
        identity_level=level,
        language=language,
        simulated=simulated,
        created_at=now,
        named_at=now if named else None,
    )
    added = row.on_conflict_do_nothing(index_elements=["email_lookup"])
    if session.scalar(added.returning(col(Person.id))) is None:
        erase_subject(session, subject_id, now)  # another request was first
        return _existing(session, email or "")
    return session.get_one(Person, subject_id)


def _named_again(known: Person, now: datetime) -> Person:
    """Who has not come yet has longer to come."""
    known.named_at = known.named_at and now
    return known


def person_by_email(session: Session, email: str) -> Person | None:
    lookup = email_lookup(session, email)
    return session.scalar(select(Person).where(col(Person.email_lookup) == lookup))


def person(session: Session, person_id: UUID) -> Person:
    """Raises NotFound."""
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound
    return found


def email_of(session: Session, person_id: UUID, *, purpose: str, actor: Actor) -> str | None:
    """Their address, through gate and log; None when there is none, they are gone, or nobody can
    open it any more: a letter that can't be written holds up nothing that it would tell of."""
    found, place = person(session, person_id), _place(person_id)
    if found.email_sealed is None or found.closed_at is not None:
        return None
    try:
        return open_sealed(
            session, person_id, place, found.email_sealed, purpose=purpose, actor=actor
        )
    except (SealBroken, Problem) as error:
        if isinstance(error, Problem) and error.code != "data-erased":
            raise
        log.error("address_unreadable", person_id=str(person_id), error=str(error))  # noqa: TRY400
        return None


def set_email(session: Session, person_id: UUID, email: str) -> None:
    """An address that was shown to be theirs. Raises Problem email-of-another."""
    known = person_by_email(session, email)
    if known is not None and known.id != person_id:
        raise Problem("email-of-another", field="email")
    found = person(session, person_id)
    found.email_lookup = email_lookup(session, email)
    found.email_sealed = _sealed(session, person_id, email)
    if found.identity_level is IdentityLevel.CARD:
        found.identity_level = IdentityLevel.CONTACT
    session.flush()


def change_email(session: Session, person_id: UUID, email: str) -> None:
    """The address that letters and codes go to from now on; whatever opened the account before
    opens it no more."""
    set_email(session, person_id, email)
    forget_keys(session, person_id)
    session.flush()


def set_language(session: Session, person_id: UUID, language: str) -> None:
    person(session, person_id).language = language
    session.flush()


def close_person(session: Session, person_id: UUID, now: datetime) -> None:
    """Ends every session, forgets the address, destroys the keys. Holds are the caller's care."""
    closed = person(session, person_id)
    closed.email_lookup, closed.email_sealed, closed.closed_at = None, None, now
    end_sessions(session, person_id, now)
    theirs = select(col(SignInSession.id)).where(col(SignInSession.person_id) == person_id)
    session.execute(delete(OpenIdSession).where(col(OpenIdSession.session_id).in_(theirs)))
    session.execute(delete(IdentityIndex).where(col(IdentityIndex.person_id) == person_id))
    closed.age_band, closed.age_until, closed.age_declined = None, None, False
    forget_keys(session, person_id)
    erase_subject(session, person_id, now)


def forget_keys(session: Session, person_id: UUID) -> None:
    """Badges, passkeys, the provider's link, the secret of the one-minute codes."""
    for table in (Badge, Passkey, OpenIdIdentity, PresenceSecret):
        session.execute(delete(table).where(table.person_id == person_id))  # type: ignore[arg-type]


def _existing(session: Session, email: str) -> Person:
    found = person_by_email(session, email)
    if found is None:
        raise NotFound
    return found


def _sealed(session: Session, subject_id: UUID, email: str) -> bytes:
    return seal(session, subject_id, _place(subject_id), normal_email(email))


def _place(person_id: UUID) -> Ref:
    return Ref("person", "email_sealed", person_id)
