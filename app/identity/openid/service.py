"""From a provider's word to a session: of the person it belongs to, a new one, or who is signed in.

A provider's e-mail address never opens an existing account: whoever can write that address into
their account there would get in here. The owner links the provider once, while signed in.
Callers commit.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.errors import Problem
from app.identity.models import IdentityLevel
from app.identity.one_account import Pivot, prove
from app.identity.openid import letters, problems
from app.identity.openid.models import OpenIdIdentity, OpenIdSession
from app.identity.openid.provider import Proved
from app.identity.passkeys.service import passkeys_of
from app.identity.people import person, person_by_email, register_person
from app.identity.sign_in import find_session, open_session
from app.openid_config import OpenId
from app.privacy.keys import KeyDestroyed
from app.privacy.service import keyed_hash, open_for_service, seal_for_service

__all__ = ["problems"]

_PURPOSE = "openid"


def enter(
    session: Session, provider: OpenId, proved: Proved, *, language: str, now: datetime
) -> str:
    """The token of a new session, of whoever this is. It proves afresh who they are where they have
    neither address nor passkey to do so. Raises Problem openid-known-address,
    second-account, parent-needed; nothing is kept then."""
    lookup, known = _known(session, provider, proved)
    if known is None:
        person_id = _new_person(session, proved, language, now)
        _link(session, lookup, person_id, now)
    else:
        person_id, known.last_used_at = known.person_id, now
    if provider.verifies:
        prove(session, person_id, pivot_of(proved), now)
    only_way = proved.is_fresh(now) and not has_other_proof(session, person_id)
    token = open_session(session, person_id, "browser", now, proved=only_way)
    _keep_id_token(session, token, proved.id_token, now)
    return token


def has_other_proof(session: Session, person_id: UUID) -> bool:
    """Whether a code or a passkey can confirm that it is them."""
    known = person(session, person_id).email_lookup is not None
    return known or bool(passkeys_of(session, person_id))


def link(
    session: Session, provider: OpenId, proved: Proved, *, person_id: UUID, now: datetime
) -> None:
    """To an account whose owner asked for it and has just proved who they are; they are told.

    Raises Problem openid-other-account, second-account, parent-needed.
    """
    lookup, known = _known(session, provider, proved)
    if known is not None and known.person_id != person_id:
        raise Problem("openid-other-account")
    if known is None:
        _link(session, lookup, person_id, now)
        letters.tell_linked(session, person_id, provider.name, now)
    if provider.verifies:
        prove(session, person_id, pivot_of(proved), now)


def _known(
    session: Session, provider: OpenId, proved: Proved
) -> tuple[bytes, OpenIdIdentity | None]:
    lookup = keyed_hash(session, "openid", provider.issuer, proved.sub)
    return lookup, session.get(OpenIdIdentity, lookup, with_for_update=True)


def pivot_of(proved: Proved) -> Pivot:
    """FranceConnect's pivot identity, of which nothing but a hash and the age band is kept.

    A day or month that nobody knows comes as 00 and is taken as the first.
    Raises Problem openid-refused when something is missing.
    """
    family, given, birthday = (
        proved.claims.get(name) for name in ("family_name", "given_name", "birthdate")
    )
    if not (isinstance(family, str) and isinstance(given, str) and family and given):
        raise Problem("openid-refused")
    try:
        year, month, day = (int(part) for part in str(birthday).split("-"))
        return Pivot(family, given, date(year, month or 1, day or 1))
    except ValueError as error:
        raise Problem("openid-refused") from error


def linked(session: Session, person_id: UUID) -> OpenIdIdentity | None:
    query = select(OpenIdIdentity).where(col(OpenIdIdentity.person_id) == person_id)
    return session.scalar(query)


def unlink(session: Session, person_id: UUID, name: str, now: datetime) -> None:
    """The provider opens this account no more, and the person is told; twice changes nothing."""
    if linked(session, person_id) is not None:
        _forget(session, person_id, now)
        letters.tell_unlinked(session, person_id, name, now)


def _forget(session: Session, person_id: UUID, now: datetime) -> None:
    if (row := linked(session, person_id)) is not None:
        session.delete(row)
        session.flush()
        since = row.linked_at
        journal.note(session, journal.OPENID_ENDED, now, person=person_id, linked=since)


def take_id_token(session: Session, session_id: UUID) -> str | None:
    """Of a session that ends, for signing out at the provider too; it is forgotten here."""
    row = session.get(OpenIdSession, session_id)
    if row is None:
        return None
    session.delete(row)
    session.flush()
    try:
        return open_for_service(session, _PURPOSE, row.sealed, session_id.bytes).decode()
    except KeyDestroyed:
        return None  # the session outlived the month's key: signed out here all the same


def _new_person(session: Session, proved: Proved, language: str, now: datetime) -> UUID:
    email = proved.claims.get("email") if proved.claims.get("email_verified") is True else None
    if email is not None and person_by_email(session, str(email)) is not None:
        raise Problem("openid-known-address")
    level = IdentityLevel.CARD if email is None else IdentityLevel.CONTACT
    address = None if email is None else str(email)
    return register_person(session, address, level=level, now=now, language=language).id


def _link(session: Session, lookup: bytes, person_id: UUID, now: datetime) -> None:
    """One identity each: whoever links another one has the older one forgotten."""
    _forget(session, person_id, now)
    session.add(OpenIdIdentity(lookup=lookup, person_id=person_id, linked_at=now, last_used_at=now))
    session.flush()


def _keep_id_token(session: Session, token: str, id_token: str, now: datetime) -> None:
    opened = find_session(session, token, now)
    if opened is None:
        raise ValueError("the session just opened is not there")
    sealed = seal_for_service(session, _PURPOSE, id_token.encode(), opened.id.bytes)
    session.add(OpenIdSession(session_id=opened.id, sealed=sealed, created_at=now))
    session.flush()
