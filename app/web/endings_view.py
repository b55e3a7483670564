"""What of a person's ends, and when: told on their own page."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.identity.models import Account
from app.rewards import life
from app.rewards.ledger import owned
from app.rewards.models import Programme
from app.web.words import locale


def endings_of(session: Session, person_id: UUID, at: datetime) -> list[SimpleNamespace]:
    """Announced ends of programmes in which the person has an account; those closed are past."""
    query = (
        select(Programme, col(Account.address))
        .join(Account, col(Account.programme_id) == col(Programme.id))
        .where(
            col(Account.person_id) == person_id,
            col(Account.replaced_at).is_(None),
            col(Programme.end_announced_at).is_not(None),
            col(Programme.state).not_in(life.ENDED),
        )
        .order_by(col(Programme.last_day_to_spend))
    )
    return [
        SimpleNamespace(
            name=row.name[locale()],
            earn=row.last_day_to_earn,
            spend=row.last_day_to_spend,
            over=life.spending_over(row, at),
            cents=owned(session, address, row.id),
            short=row.short_timetable,
        )
        for row, address in session.execute(query)
    ]
