"""What an announced end takes of a person, and when: for their page, the counter and the till.

Who has no address hears of it there alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.identity.models import Account
from app.merchants.models import MerchantProgramme
from app.rewards import life
from app.rewards.models import Programme
from app.rewards.money.ledger import owned


@dataclass(frozen=True)
class Ending:
    """`over`: nothing can be spent there any more; `cents` expire with its closing."""

    programme: Programme
    cents: int
    over: bool

    @property
    def last_day_to_spend(self) -> date:
        return self.programme.last_day_to_spend


def endings_of(session: Session, person_id: UUID, now: datetime) -> list[Ending]:
    """Of programmes in which the person has an account, soonest first; those closed are past."""
    query = (
        select(Programme, col(Account.address))
        .join(Account, col(Account.programme_id) == col(Programme.id))
        .where(
            col(Account.person_id) == person_id, col(Account.replaced_at).is_(None), *_announced()
        )
        .order_by(col(Programme.last_day_to_spend))
    )
    return [
        Ending(row, owned(session, address, row.id), life.spending_over(row, now))
        for row, address in session.execute(query)
    ]


def endings_at(session: Session, merchant_id: UUID) -> Sequence[Programme]:
    """Of programmes whose tokens a shop takes, soonest first."""
    query = (
        select(Programme)
        .join(MerchantProgramme, col(MerchantProgramme.programme_id) == col(Programme.id))
        .where(col(MerchantProgramme.merchant_id) == merchant_id, *_announced())
    )
    return session.scalars(query.order_by(col(Programme.last_day_to_spend))).all()


def _announced() -> tuple[ColumnElement[bool], ...]:
    return col(Programme.end_announced_at).is_not(None), col(Programme.state).not_in(life.ENDED)
