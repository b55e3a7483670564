"""Signing in: six digits by mail, then a token of which only a hash is kept.

Known and unknown addresses are treated alike to the letter: the person is created only when a
right code proves that the address is theirs. A code lives ten minutes, five tries, one use, and
serves only who asked for it: each request has a challenge of its own, so that a stranger's tries
and requests are worth nothing to them and cost the owner nothing. Functions that refuse after
counting raise with keep=True: commit, then answer.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app import telemetry
from app.db import uuid7
from app.errors import Problem
from app.identity.models import IdentityLevel, Person, SignInCode, SignInSession
from app.identity.people import email_lookup, normal_email, register_person
from app.identity.stations.shift_rules import awake
from app.identity.tokens import new_token, token_hash
from app.identity.tries import count_try
from app.mail import queue_letter
from app.privacy.service import keyed_hash

CODE_MINUTES = 10
CODE_TRIES = 5
CODES_PER_HOUR = 6  # for one caller: nobody locks the owner of an address out
LETTERS_PER_HOUR = 60  # to one address, from wherever: a mailbox is not flooded
LIFETIME = {
    "browser": timedelta(days=7),
    "api": timedelta(days=30),
    "shift": timedelta(hours=12),  # a day's work; ten idle minutes end it before
}
SEEN_EVERY = timedelta(minutes=5)
log = telemetry.logger("sign_in")
_HOUR = 3600

Letter = tuple[Mapping[str, str], Mapping[str, str]]  # subject and text by language

_SUBJECT = {"fr": "Votre code : {code}", "en": "Your code: {code}"}
_TEXT = {
    "fr": """\
Votre code de connexion est {code}.

Il sert dix minutes. Si vous n’avez rien demandé, ne faites rien.
""",
    "en": """\
Your sign-in code is {code}.

It works for ten minutes. If you did not ask for it, do nothing.
""",
}


def request_sign_in(
    session: Session, email: str, language: str, now: datetime, *, caller: str = ""
) -> UUID:
    """Queues a letter with a fresh code; `caller`: who asks, such as a network address.

    Returns the challenge that the code answers. Raises Problem email-invalid,
    sign-in-too-many-codes.
    """
    letter = _SUBJECT, _TEXT
    return send_code(session, email, letter, language, now, caller=caller, session_id=None)


def send_code(
    session: Session,
    email: str,
    letter: Letter,
    language: str,
    now: datetime,
    *,
    caller: str,
    session_id: UUID | None,
) -> UUID:
    """`session_id`: of the session that the code confirms; none where it signs somebody in."""
    address = normal_email(email)
    lookup = email_lookup(session, address)
    _check_codes(session, lookup, caller, now)
    code = f"{secrets.randbelow(1_000_000):06d}"
    row_id = uuid7()
    row = SignInCode(
        id=row_id,
        email_lookup=lookup,
        code_hash=_code_hash(session, row_id, code),
        created_at=now,
        expires_at=now + timedelta(minutes=CODE_MINUTES),
        tries_left=CODE_TRIES,
        session_id=session_id,
    )
    session.add(row)
    subject, text = (words.get(language, words["fr"]).format(code=code) for words in letter)
    queue_letter(session, to=address, subject=subject, text=text, now=now)
    session.flush()
    return row_id


def _check_codes(session: Session, lookup: bytes, caller: str, now: datetime) -> None:
    own = lookup + caller.encode()
    if count_try(session, "sign-in-codes", own, _HOUR, now) > CODES_PER_HOUR:
        raise Problem("sign-in-too-many-codes", keep=True)
    if count_try(session, "sign-in-letters", lookup, _HOUR, now) > LETTERS_PER_HOUR:
        raise Problem("sign-in-too-many-codes", keep=True)


def finish_sign_in(
    session: Session,
    email: str,
    code: str,
    kind: str,
    now: datetime,
    *,
    challenge: UUID | None,
    language: str = "fr",
) -> str:
    """The token of a new session. Raises Problem sign-in-code-wrong, the same for every cause."""
    prove_email(session, email, code, now, challenge=challenge)
    person = register_person(
        session, email, level=IdentityLevel.CONTACT, now=now, language=language
    )
    return open_session(session, person.id, kind, now)


def prove_email(
    session: Session, email: str, code: str, now: datetime, *, challenge: UUID | None
) -> None:
    """The code that was sent there, which serves once. Raises Problem sign-in-code-wrong."""
    use_code(session, email_lookup(session, email), code, now, challenge=challenge)


def use_code(
    session: Session,
    lookup: bytes,
    code: str,
    now: datetime,
    *,
    challenge: UUID | None,
    session_id: UUID | None = None,
) -> None:
    """Once, and for what it was asked for. Raises Problem sign-in-code-wrong."""
    row = _code_asked(session, challenge, lookup, session_id)
    given = _code_hash(session, row.id if row else uuid7(), code)
    expected = row.code_hash if row else bytes(len(given))
    right = hmac.compare_digest(given, expected)
    if row is None or row.used_at or row.tries_left <= 0 or now >= row.expires_at:
        raise _wrong(challenge)
    row.tries_left -= 1
    if not right:
        session.flush()
        raise _wrong(challenge)
    row.used_at = now
    session.flush()


def _wrong(challenge: UUID | None) -> Problem:
    log.warning("sign_in_refused", challenge=str(challenge), by="mail")
    return Problem("sign-in-code-wrong", field="code", keep=True)


def open_session(
    session: Session,
    person_id: UUID,
    kind: str,
    now: datetime,
    *,
    passkey_id: UUID | None = None,
    proved: bool = False,
    station_id: UUID | None = None,
) -> str:
    """A session for somebody who has proved who they are; its token, known to nobody else.

    `proved`: so well that it counts as a step-up, as a passkey always does. `station_id`: where it
    is a shift.
    """
    token, session_id = new_token(), uuid7()
    session.add(
        SignInSession(
            id=session_id,
            token_hash=token_hash(token),
            person_id=person_id,
            kind=kind,
            created_at=now,
            last_seen_at=now,
            expires_at=now + LIFETIME[kind],
            passkey_id=passkey_id,
            proved_at=now if passkey_id or proved else None,
            station_id=station_id,
        )
    )
    came = update(Person).where(col(Person.id) == person_id, col(Person.named_at).is_not(None))
    session.execute(came.values(named_at=None))
    session.flush()
    log.info("signed_in", kind=kind, person_id=str(person_id), session_id=str(session_id))
    return token


def find_session(session: Session, token: str, now: datetime) -> SignInSession | None:
    """The live session of a token, or none."""
    found = session.scalar(
        select(SignInSession).where(
            col(SignInSession.token_hash) == token_hash(token),
            col(SignInSession.ended_at).is_(None),
            col(SignInSession.expires_at) > now,
            awake(now),
        )
    )
    if found is not None and now - found.last_seen_at > SEEN_EVERY:
        found.last_seen_at = now
    return found


def end_session(session: Session, session_id: UUID, now: datetime) -> None:
    """The token is worth nothing from now on; twice changes nothing."""
    row = session.get(SignInSession, session_id)
    if row is not None and row.ended_at is None:
        row.ended_at = now
        session.flush()
        log.info("signed_out", person_id=str(row.person_id), session_id=str(session_id))


def _code_asked(
    session: Session, challenge: UUID | None, lookup: bytes, session_id: UUID | None
) -> SignInCode | None:
    """Locked, so that parallel guesses use up one try each."""
    query = select(SignInCode).where(
        col(SignInCode.id) == challenge,
        col(SignInCode.email_lookup) == lookup,
        col(SignInCode.session_id).is_not_distinct_from(session_id),
    )
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _code_hash(session: Session, row_id: UUID, code: str) -> bytes:
    return keyed_hash(session, "sign-in-code", row_id.bytes, code)
