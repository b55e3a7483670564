"""What a mandate lets its representative pay within 24 hours; the signer counts the same anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.identity.mandates.models import Act, Mandate
from app.identity.mandates.queries import holds
from app.merchants.models import Payment

WINDOW = timedelta(hours=24)


def check_mandate(session: Session, mandate_id: UUID, amount_cents: int, now: datetime) -> None:
    """Call with the payer's balances locked, so that their payments take turns.

    Raises Problem mandate-ended, signer-mandate, mandate-ceiling.
    """
    mandate = session.get_one(Mandate, mandate_id)
    if not holds(session, mandate, now):
        raise Problem("mandate-ended")
    if Act.PAY.value not in mandate.acts:
        raise Problem("signer-mandate")
    allowed = mandate.day_cents or 0
    if paid_under(session, mandate_id, now) + amount_cents > allowed:
        raise Problem("mandate-ceiling", ceiling_cents=allowed)


def paid_under(session: Session, mandate_id: UUID, now: datetime) -> int:
    """In the last 24 hours, in cents."""
    query = select(func.coalesce(func.sum(col(Payment.amount_cents)), 0)).where(
        col(Payment.mandate_id) == mandate_id, col(Payment.accepted_at) > now - WINDOW
    )
    return int(session.scalar(query) or 0)
