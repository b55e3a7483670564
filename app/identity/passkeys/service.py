"""Passkeys of a person: added, used to sign in or to confirm, listed, removed.

Every answer is to a question of ours: 32 random bytes that serve once, five minutes, for one
purpose and, but for signing in, one session. Functions that refuse an answer raise with keep=True,
so that its question stays used up. None of them commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.db import uuid7
from app.errors import NotFound, Problem, on_constraint
from app.identity.models import SignInSession
from app.identity.passkeys import letters
from app.identity.passkeys.ceremony import (
    Answer,
    Site,
    created,
    creation_options,
    named_by,
    refused,
    request_options,
    signed,
)
from app.identity.passkeys.challenges import question, take
from app.identity.passkeys.models import ChallengePurpose, Passkey
from app.identity.people import email_of
from app.identity.sessions import prove
from app.identity.sign_in import open_session
from app.privacy.service import Actor, Ref, keyed_hash, open_sealed, seal

MOST = 20

on_constraint("uq_passkey_credential_id", "passkey-known")


@dataclass(frozen=True)
class Asked:
    """A question for a device: `options` as navigator.credentials takes them."""

    challenge: UUID
    options: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What a device answered, and to which question."""

    challenge: UUID
    answer: Answer


@dataclass(frozen=True)
class Here:
    """Who answers, in which session."""

    person_id: UUID
    session_id: UUID


def ask_sign_in(session: Session, site: Site, now: datetime) -> Asked:
    """Names nobody: the device says whose passkey it offers."""
    row = question(session, ChallengePurpose.SIGN_IN, None, now)
    return Asked(row.id, request_options(site, row.challenge, ()))


def ask_step_up(session: Session, site: Site, here: Here, now: datetime) -> Asked:
    """Raises Problem passkey-none."""
    known = [row.credential_id for row in passkeys_of(session, here.person_id)]
    if not known:
        raise Problem("passkey-none")
    row = question(session, ChallengePurpose.STEP_UP, here.session_id, now)
    return Asked(row.id, request_options(site, row.challenge, known))


def ask_new(session: Session, site: Site, here: Here, now: datetime) -> Asked:
    """The device shows the person's address beside the passkey, to tell accounts apart."""
    known = [row.credential_id for row in passkeys_of(session, here.person_id)]
    own = Actor.subject(here.person_id)
    email = email_of(session, here.person_id, purpose="sign_in", actor=own)
    row = question(session, ChallengePurpose.REGISTER, here.session_id, now)
    handle = _handle(session, here.person_id)
    options = creation_options(
        site, row.challenge, handle=handle, name=email or "Civis", known=known
    )
    return Asked(row.id, options)


def sign_in(session: Session, site: Site, reply: Reply, kind: str, now: datetime) -> str:
    """The token of a new session. Raises Problem passkey-refused, passkey-cloned."""
    asked = take(session, reply.challenge, ChallengePurpose.SIGN_IN, None, now)
    row = _checked(session, site, asked, reply.answer, now, person_id=None)
    return open_session(session, row.person_id, kind, now, passkey_id=row.id)


def step_up(session: Session, site: Site, here: Here, reply: Reply, now: datetime) -> str:
    """The session's new token. Raises Problem passkey-refused, passkey-cloned."""
    asked = take(session, reply.challenge, ChallengePurpose.STEP_UP, here.session_id, now)
    row = _checked(session, site, asked, reply.answer, now, person_id=here.person_id)
    return prove(session, here.session_id, now, passkey_id=row.id)


def add_passkey(
    session: Session, site: Site, here: Here, reply: Reply, now: datetime, *, name: str
) -> Passkey:
    """Stands behind this session from now on. The caller has had the person confirm.

    Raises Problem passkey-refused, passkey-known, passkeys-too-many.
    """
    asked = take(session, reply.challenge, ChallengePurpose.REGISTER, here.session_id, now)
    made, row_id = created(site, asked, reply.answer), uuid7()
    before = _count(session, here.person_id)
    if before >= MOST:
        raise Problem("passkeys-too-many", most=MOST, keep=True)
    row = Passkey(
        id=row_id,
        person_id=here.person_id,
        credential_id=made.id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name_sealed=seal(session, here.person_id, _place(row_id), name),
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.get_one(SignInSession, here.session_id).passkey_id = row_id
    letters.tell_added(session, here.person_id, name, now)
    if before == 0:
        letters.tell_officers(session, here.person_id, now)
    return row


def passkeys_of(session: Session, person_id: UUID) -> list[Passkey]:
    """Oldest first."""
    query = select(Passkey).where(col(Passkey.person_id) == person_id).order_by(col(Passkey.id))
    return list(session.scalars(query))


def name_of(session: Session, row: Passkey) -> str:
    """As the person named it; for the person alone."""
    own = Actor.subject(row.person_id)
    return open_sealed(
        session, row.person_id, _place(row.id), row.name_sealed, purpose="own_data", actor=own
    )


def remove_passkey(session: Session, passkey_id: UUID, person_id: UUID, now: datetime) -> None:
    """Sessions that it stood behind go on without the roles that need one. Raises NotFound."""
    row = session.get(Passkey, passkey_id, with_for_update=True)
    if row is None or row.person_id != person_id:
        raise NotFound
    name = name_of(session, row)
    session.delete(row)
    session.flush()
    journal.note(session, journal.PASSKEY_REMOVED, now, passkey=passkey_id)
    letters.tell_removed(session, person_id, name, now)


def _checked(
    session: Session,
    site: Site,
    asked: bytes,
    answer: Answer,
    now: datetime,
    *,
    person_id: UUID | None,
) -> Passkey:
    """The passkey that signed; of this person, where one is named."""
    credential_id, handle = named_by(answer)
    named = select(Passkey).where(col(Passkey.credential_id) == credential_id)
    row = session.scalar(named.with_for_update())
    if row is None or row.cloned_at is not None or person_id not in (None, row.person_id):
        raise refused()
    if handle is not None and handle != _handle(session, row.person_id):
        raise refused()
    count = signed(site, asked, answer, row.public_key)
    if (count or row.sign_count) and count <= row.sign_count:
        raise _cloned(session, row, now)
    row.sign_count, row.last_used_at = count, now
    session.flush()
    return row


def _cloned(session: Session, row: Passkey, now: datetime) -> Problem:
    """Two devices count for one key: neither is believed any more, nor what either opened."""
    row.cloned_at = now
    journal.note(session, journal.PASSKEY_CLONED, now, passkey=row.id)
    behind = update(SignInSession).where(col(SignInSession.passkey_id) == row.id)
    session.execute(behind.values(passkey_id=None, proved_at=None))
    session.flush()
    letters.tell_cloned(session, row.person_id, name_of(session, row), now)
    return Problem("passkey-cloned", keep=True)


def _count(session: Session, person_id: UUID) -> int:
    query = select(func.count()).select_from(Passkey).where(col(Passkey.person_id) == person_id)
    return session.scalar(query) or 0


def _handle(session: Session, person_id: UUID) -> bytes:
    """What a device keeps for whose it is: tells nothing outside this installation."""
    return keyed_hash(session, "passkey-handle", person_id.bytes)


def _place(passkey_id: UUID) -> Ref:
    return Ref("passkey", "name_sealed", passkey_id)
