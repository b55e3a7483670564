"""The code that identifies a citizen at a counter: a short number and a one-minute code.

The device makes the code from a secret and the time (RFC 6238, HMAC-SHA-256, six digits, 60 s),
without network. The clerk types both and never learns a name. A code serves once per attester's
organisation; wrong ones are counted per organisation and per short number.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.identity import problems
from app.identity.models import Person, PresenceSecret, PresenceUse
from app.identity.tries import count_try, take_turns, tries
from app.privacy.service import Actor, Ref, keyed_hash, open_sealed, seal

__all__ = ["problems"]

STEP_SECONDS = 60
NUMBER_DIGITS = 8
WINDOW = 600
WRONG_PER_NUMBER = 10
WRONG_PER_ORGANISATION = 50
_SECRET_CHARACTERS = 52  # base32: 32 bytes


@dataclass(frozen=True)
class Presence:
    """What the citizen's device keeps; `secret` in base32 without padding."""

    short_number: str
    secret: str
    step_seconds: int = STEP_SECONDS


def presence_secret(session: Session, person_id: UUID, now: datetime) -> Presence:
    """The person's own, made at first use."""
    row = session.get(PresenceSecret, person_id)
    if row is None:
        row = _make(session, person_id, now)
    own = Actor.subject(person_id)
    return Presence(row.short_number, _opened(session, row, own))


def renew_presence_secret(session: Session, person_id: UUID, now: datetime) -> Presence:
    """A new number and secret, for a lost device; the old ones are worth nothing at once."""
    row = session.get(PresenceSecret, person_id, with_for_update=True)
    if row is not None:
        session.delete(row)
        session.flush()
    return presence_secret(session, person_id, now)


def identify_by_code(
    session: Session,
    organisation_id: UUID,
    short_number: str,
    time_code: str,
    now: datetime,
    *,
    by: Actor | None = None,
    shown_at: datetime | None = None,
) -> UUID:
    """Who stands at the counter. The code of this minute or of the one before.

    `shown_at`: when it was shown, for a device that was without network; its minute or the one
    before, and never before the citizen had a secret.
    Raises Problem presence-code-wrong (the same for an unknown number), presence-code-used,
    presence-too-many-tries; all keep what was counted.
    """
    number, code = digits(short_number), digits(time_code)
    _check_tries(session, organisation_id, number, now)
    row = session.scalar(select(PresenceSecret).where(col(PresenceSecret.short_number) == number))
    actor = by or Actor.system("presence")
    secret = _unknown(session, number) if row is None else _opened(session, row, actor)
    step = _matching_step(secret, code, shown_at or now)
    if row is None or step is None or _too_early(row, shown_at):
        count_try(session, "presence-number", number, WINDOW, now)
        count_wrong(session, organisation_id, now)
        raise Problem("presence-code-wrong", field="time_code", keep=True)
    use = insert(PresenceUse).values(
        person_id=row.person_id, organisation_id=organisation_id, step=step, at=now
    )
    used = session.scalar(use.on_conflict_do_nothing().returning(col(PresenceUse.step)))
    if used is None:
        raise Problem("presence-code-used", field="time_code", keep=True)
    return row.person_id


def person_by_number(session: Session, short_number: str) -> Person | None:
    """Whose number it is: for an officer who knows the person by papers or card."""
    row = session.scalar(
        select(PresenceSecret).where(col(PresenceSecret.short_number) == digits(short_number))
    )
    return None if row is None else session.get(Person, row.person_id)


def code_at(secret: str, now: datetime) -> str:
    """The six digits that a device shows at this moment; for browsers that can't make them."""
    return _code(secret, int(now.timestamp()) // STEP_SECONDS)


def _check_tries(session: Session, organisation_id: UUID, number: str, now: datetime) -> None:
    """A number's tries take turns; those of an organisation may pass its limit if at once."""
    take_turns(session, "presence-number", number)
    if tries(session, "presence-number", number, WINDOW, now) >= WRONG_PER_NUMBER:
        raise Problem("presence-too-many-tries", keep=True)
    check_organisation_tries(session, organisation_id, now)


def check_organisation_tries(session: Session, organisation_id: UUID, now: datetime) -> None:
    """Wrong codes and wrong cards of one organisation count together."""
    of_all = tries(session, "presence-organisation", organisation_id.bytes, WINDOW, now)
    if of_all >= WRONG_PER_ORGANISATION:
        raise Problem("presence-too-many-tries", keep=True)


def count_wrong(session: Session, organisation_id: UUID, now: datetime) -> None:
    count_try(session, "presence-organisation", organisation_id.bytes, WINDOW, now)


def _too_early(row: PresenceSecret, shown_at: datetime | None) -> bool:
    """A secret is no proof of a moment before it was made."""
    slack = timedelta(seconds=STEP_SECONDS)
    return shown_at is not None and shown_at < row.created_at - slack


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The step of a right code, newest first; both are always compared."""
    current = int(now.timestamp()) // STEP_SECONDS
    steps = (current, current - 1)
    matching = [step for step in steps if hmac.compare_digest(_code(secret, step), code)]
    return matching[0] if matching else None


def _code(secret: str, step: int) -> str:
    totp = pyotp.TOTP(secret, digits=6, digest=hashlib.sha256, interval=STEP_SECONDS)
    return totp.generate_otp(step)


def _make(session: Session, person_id: UUID, now: datetime) -> PresenceSecret:
    """Of two devices at once one makes it; a number that somebody has is drawn again."""
    sealed = seal(session, person_id, _place(person_id), pyotp.random_base32(_SECRET_CHARACTERS))
    while True:
        row = insert(PresenceSecret).values(
            person_id=person_id,
            short_number=f"{secrets.randbelow(10**NUMBER_DIGITS):0{NUMBER_DIGITS}d}",
            secret_sealed=sealed,
            created_at=now,
        )
        session.execute(row.on_conflict_do_nothing())
        made = session.get(PresenceSecret, person_id, populate_existing=True)
        if made is not None:
            return made


def _opened(session: Session, row: PresenceSecret, actor: Actor) -> str:
    place = _place(row.person_id)
    return open_sealed(
        session, row.person_id, place, row.secret_sealed, purpose="presence", actor=actor
    )


def _unknown(session: Session, number: str) -> str:
    """A secret for a number that nobody has, so that the work is the same."""
    return base64.b32encode(keyed_hash(session, "no-presence", number)).decode()


def _place(person_id: UUID) -> Ref:
    return Ref("presence_secret", "secret_sealed", person_id)


def digits(typed: str) -> str:
    """What was typed, without the spaces that help reading."""
    return "".join(character for character in typed if character in "0123456789")
