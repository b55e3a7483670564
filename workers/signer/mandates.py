"""Whether somebody may order for another: looked at anew before each signature.

A given mandate pays only with the giver's own word to the signer (signer.mandate_word), which says
the amount and the last day; a guardianship only with two officers on record. Acceptance and end
are read where nobody can take them back: the application may only add to `mandate_step`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.identity.blocks import check_not_blocked
from app.identity.mandates import problems as mandate_problems
from app.identity.mandates.models import LONGEST, MOST_DAY_CENTS, Act, Mandate, MandateKind
from app.identity.mandates.queries import in_force
from app.identity.signer_models import MandateWord
from workers.signer.card_checks import check_guardianship
from workers.signer.cards import check_by_session
from workers.signer.checks import Asker

__all__ = ["mandate_problems"]


@dataclass(frozen=True)
class Right:
    """Whose accounts pay, and how much within 24 hours."""

    id: UUID
    owner_id: UUID
    day_cents: int


def allow(
    session: Session, person_id: UUID, said: dict[str, Any], *, by_card: bool, now: datetime
) -> None:
    """Keeps the giver's word, once and for good; a second, other word is refused."""
    until = datetime.fromisoformat(said["until"])
    word = MandateWord(
        mandate_id=UUID(said["mandate_id"]),
        person_id=person_id,
        representative_id=UUID(said["representative_id"]),
        day_cents=int(said["day_cents"]),
        until=until,
        by_card=by_card,
        said_at=now,
    )
    in_time = now < until <= now + LONGEST[MandateKind.GIVEN]
    if not in_time or not 0 < word.day_cents <= MOST_DAY_CENTS or len(said) != 4:
        raise Problem("signer-request-invalid")
    known = session.get(MandateWord, word.mandate_id)
    if known is None:
        session.add(word)
        session.flush()
    elif known.model_dump(exclude={"said_at"}) != word.model_dump(exclude={"said_at"}):
        raise Problem("signer-mandate")


def right_of(session: Session, mandate_id: UUID, asker: Asker, now: datetime) -> Right:
    """The mandate holds now, is the asker's, and names payments; the asker is not blocked.

    Raises Problem signer-mandate, wallet-blocked.
    """
    check_not_blocked(session, asker.person_id, now)
    mandate = session.scalar(select(Mandate).where(col(Mandate.id) == mandate_id, in_force(now)))
    if mandate is None or mandate.representative_id != asker.person_id:
        raise Problem("signer-mandate")
    if Act.PAY.value not in mandate.acts or mandate.day_cents is None:
        raise Problem("signer-mandate")
    if mandate.kind is MandateKind.GUARDIANSHIP:
        check_guardianship(session, mandate)
        check_by_session(session, mandate.person_id)  # whoever has a card alone pays by it alone
        return Right(mandate.id, mandate.person_id, mandate.day_cents)
    return _by_word(session, mandate, now)


def may_close(session: Session, asker: Asker, person_id: UUID, now: datetime) -> bool:
    """Whether the asker may close this person's account, whose cards end with it."""
    query = select(col(Mandate.acts)).where(
        col(Mandate.person_id) == person_id,
        col(Mandate.representative_id) == asker.person_id,
        in_force(now),
    )
    return any(Act.CLOSE.value in acts for acts in session.scalars(query))


def _by_word(session: Session, mandate: Mandate, now: datetime) -> Right:
    word = session.get(MandateWord, mandate.id)
    if word is None or word.until <= now:
        raise Problem("signer-mandate")
    sides = word.person_id, word.representative_id
    if sides != (mandate.person_id, mandate.representative_id):
        raise Problem("signer-mandate")
    if not word.by_card:
        check_by_session(session, word.person_id)
    return Right(mandate.id, word.person_id, word.day_cents)
