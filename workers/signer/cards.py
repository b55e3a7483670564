"""Cards as the signer knows them: whose each is, and its PIN, in a table that only it reads.

Who can write everywhere else still can't point a card at somebody's account: a card is registered
for a person whom nobody knows yet, and moves only while nothing was earned with it. Somebody who
began with a card is reached by its number alone, which is stored nowhere; a session of theirs
counts once they opened that way with their PIN.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.identity.cards import problems as card_problems
from app.identity.cards.models import CardSecret
from app.identity.cards.numbers import read_number
from app.identity.models import Account, Person
from app.identity.pins import new_salt, slow_hash
from app.privacy.keyed import keyed

__all__ = ["card_problems"]

PIN_TRIES = 5
PIN_SETTLES = timedelta(days=3)


class Cards:
    """`master`: the signer's own key; without it neither numbers nor PINs can be tried."""

    def __init__(self, master: bytes) -> None:
        self._numbers = keyed(master, "civis.card.number.v1")
        self._pins = keyed(master, "civis.card.pin.v1")

    def register(
        self, session: Session, numbers: Sequence[str], people: Sequence[UUID], now: datetime
    ) -> None:
        """New cards, each with a person of its own whom nobody knows yet.

        A number that was registered for somebody who never came to be is registered anew.
        """
        known = exists().where(col(Person.id).in_(people)) | exists().where(
            col(CardSecret.person_id).in_(people)
        )
        if len(set(people)) != len(numbers) or session.scalar(select(known)):
            raise Problem("signer-card-refused")
        for lost in self._registered(session, numbers):
            if session.get(Person, lost.person_id) is not None:
                raise Problem("signer-card-refused")
            session.delete(lost)
        session.flush()
        session.add_all(
            CardSecret(number_hash=self._hash(number), person_id=person, made_at=now)
            for number, person in zip(numbers, people, strict=True)
        )
        session.flush()

    def _registered(self, session: Session, numbers: Sequence[str]) -> Sequence[CardSecret]:
        hashes = [self._hash(number) for number in numbers]
        return session.scalars(
            select(CardSecret).where(col(CardSecret.number_hash).in_(hashes))
        ).all()

    def set_pin(self, session: Session, number: str, pin: str, by: UUID, now: datetime) -> None:
        """The holder's choice, at a counter; wrong tries are forgotten with the PIN before."""
        row = self._live(session, number)
        row.pin_salt = new_salt()
        row.pin_hash = self._pin_hash(row, pin)
        row.wrong_tries, row.pin_set_by, row.pin_set_at = 0, by, now
        session.flush()

    def take_over(
        self, session: Session, number: str, person: UUID, old: str | None, now: datetime
    ) -> None:
        """A card with which nothing was earned becomes this person's only one, without a PIN.

        `old`: the number of theirs, needed where it is all that they are known by. Twice is once.
        """
        row = self._live(session, number)
        theirs = session.scalars(
            select(CardSecret).where(col(CardSecret.person_id) == person).with_for_update()
        ).all()
        if row.person_id != person:
            self._check_free(session, row)
            self._check_theirs(theirs, old)
            row.person_id, row.own = person, any(each.own for each in theirs)
            row.pin_hash = row.pin_salt = None
        for other in theirs:
            if other.number_hash != row.number_hash:
                other.dead_at = other.dead_at or now
        session.flush()

    def end(self, session: Session, person: UUID, now: datetime) -> None:
        """No card of this person pays any more."""
        live = select(CardSecret).where(
            col(CardSecret.person_id) == person, col(CardSecret.dead_at).is_(None)
        )
        for row in session.scalars(live.with_for_update()):
            row.dead_at = now
        session.flush()

    def holder(self, session: Session, number: str, pin: str) -> UUID | None:
        """Whose card this is, if the PIN is right; None for a wrong one, which is counted.

        The caller commits in either case. Raises Problem signer-card-pin-blocked.
        """
        row = session.get(CardSecret, self._hash(number), with_for_update=True)
        if row is None or row.dead_at is not None or row.pin_hash is None:
            return None
        if row.wrong_tries >= PIN_TRIES:
            raise Problem("signer-card-pin-blocked")
        if hmac.compare_digest(self._pin_hash(row, pin), row.pin_hash):
            row.wrong_tries = 0
            return row.person_id
        row.wrong_tries += 1
        return None

    def check_pin_settled(self, session: Session, number: str, asker: UUID, now: datetime) -> None:
        """Whoever set the PIN knows it, or may: no gift before them, nor by a PIN of these days."""
        row = self._live(session, number)
        if row.pin_set_by == asker or row.pin_set_at is None or now < row.pin_set_at + PIN_SETTLES:
            raise Problem("signer-card-pin-fresh")

    def open_to_sessions(self, session: Session, person: UUID) -> None:
        """From now on a session of this person may order too: they showed card and PIN."""
        for row in session.scalars(select(CardSecret).where(col(CardSecret.person_id) == person)):
            row.own = False
        session.flush()

    def _live(self, session: Session, number: str) -> CardSecret:
        row = session.get(CardSecret, self._hash(number), with_for_update=True)
        if row is None or row.dead_at is not None:
            raise Problem("signer-card-refused")
        return row

    def _check_free(self, session: Session, row: CardSecret) -> None:
        """Accounts are never deleted: with one, the card has earned."""
        earned = exists().where(col(Account.person_id) == row.person_id)
        if not row.own or row.pin_hash is not None or session.scalar(select(earned)):
            raise Problem("signer-card-refused")

    def _check_theirs(self, theirs: Sequence[CardSecret], old: str | None) -> None:
        shown = self._hash(old) if old else None
        by_card_alone = any(each.own for each in theirs)
        if by_card_alone and shown not in {each.number_hash for each in theirs}:
            raise Problem("signer-card-refused")

    def _hash(self, number: str) -> bytes:
        return keyed(self._numbers, read_number(number) or "")

    def _pin_hash(self, row: CardSecret, pin: str) -> bytes:
        return slow_hash(keyed(self._pins, row.number_hash, pin), row.pin_salt or b"")


def check_by_session(session: Session, person: UUID) -> None:
    """Somebody known by a card alone orders by card and PIN: a session of theirs is none."""
    alone = exists().where(col(CardSecret.person_id) == person, col(CardSecret.own).is_(True))
    if session.scalar(select(alone)):
        raise Problem("signer-card-only")
