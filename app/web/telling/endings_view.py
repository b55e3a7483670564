"""What ends, and when: told on a person's own page, at the counter and at the till."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from uuid import UUID

from sqlalchemy.orm import Session

from app.endings import expiring
from app.rewards import life
from app.rewards.models import Programme
from app.web.words import locale


def endings_of(session: Session, person_id: UUID, at: datetime) -> list[SimpleNamespace]:
    """Announced ends of programmes in which the person has an account; those closed are past."""
    return [
        _shown(one.programme, over=one.over, cents=one.cents)
        for one in expiring.endings_of(session, person_id, at)
    ]


def endings_at(session: Session, shop_id: UUID, at: datetime) -> list[SimpleNamespace]:
    """Announced ends of programmes whose tokens the shop takes."""
    found = expiring.endings_at(session, shop_id)
    return [_shown(one, over=life.spending_over(one, at)) for one in found]


def _shown(row: Programme, **more: object) -> SimpleNamespace:
    return SimpleNamespace(
        name=row.name[locale()],
        earn=row.last_day_to_earn,
        spend=row.last_day_to_spend,
        short=row.short_timetable,
        **more,
    )
