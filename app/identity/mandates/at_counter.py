"""Naming and ending at the city's counter, on the word of whoever stands there.

An officer alone lets nobody pay from somebody's wallet: for that the holder types the PIN of the
card that they show, and the signer keeps that word.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Problem
from app.identity.cards.models import CounterVisit
from app.identity.counter import check_shown, number_of
from app.identity.mandates import service as mandates
from app.identity.mandates.models import Mandate


def name_at_counter(
    session: Session,
    visit: CounterVisit,
    email: str,
    scope: mandates.Scope,
    pin: str,
    *,
    signer: mandates.MandateSigner,
    now: datetime,
) -> Mandate:
    """Raises Problem counter-not-shown, mandate-held-by-session, card-or-pin-wrong."""
    check_shown(visit)
    number = number_of(session, visit)
    if scope.day_cents is not None and number is None:
        raise Problem("mandate-held-by-session")
    person, by = visit.person_id, visit.officer_id
    made = mandates.offer(session, person, email, scope, by=by, now=now)
    if scope.day_cents is not None and number is not None:
        signer.allow_mandate_by_card(number, pin, person, mandates.word_of(made))
    return made


def end_at_counter(
    session: Session, visit: CounterVisit, mandate_id: UUID, *, now: datetime
) -> None:
    """Of either side."""
    party, by = visit.person_id, visit.officer_id
    mandates.end(session, mandate_id, party=party, by=by, now=now)
