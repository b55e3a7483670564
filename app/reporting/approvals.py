"""Who approved whom, by month: where it is always the same two, somebody should ask why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session
from sqlmodel import col

from app.governance.models import Proposal, ProposalState
from app.merchants.pay_out_models import FeeCorrection
from app.merchants.payment_models import BankDetails
from app.recovery.models import Recovery
from app.rewards.models import Funding

OFTEN = 10  # below so many decisions in a month, two of two officers mean nothing


@dataclass(frozen=True)
class Pair:
    """`share`: per cent of the month's decisions that these two made, in these parts."""

    proposed_by: UUID
    confirmed_by: UUID
    decisions: int
    share: int

    @property
    def often(self) -> bool:
        """Enough of them, and more than half of all."""
        return self.decisions >= OFTEN and self.share > 50


def month_of(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants at which the month of this day begins and ends."""
    first = day.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    midnight = datetime.min.time()
    return datetime.combine(first, midnight, zone), datetime.combine(after, midnight, zone)


def pairs_of(session: Session, since: datetime, until: datetime) -> list[Pair]:
    """Decisions of two that took effect in this span, by who proposed and who confirmed; a shop's
    registration counts by its bank account, which the same two confirm."""
    decided = union_all(
        _two(Proposal.proposed_by, Proposal.decided_by, Proposal.decided_at, since, until).where(
            col(Proposal.state) == ProposalState.CONFIRMED
        ),
        _two(Funding.proposed_by, Funding.confirmed_by, Funding.confirmed_at, since, until),
        *(
            _two(one.proposed_by, one.confirmed_by, one.confirmed_at, since, until)
            for one in (BankDetails, FeeCorrection)
        ),
        _two(Recovery.proposed_by, Recovery.confirmed_by, Recovery.confirmed_at, since, until),
    ).subquery()
    count = func.count().label("decisions")
    query = select(decided.c.one, decided.c.other, count).group_by(decided.c.one, decided.c.other)
    rows = session.execute(query.order_by(count.desc(), decided.c.one, decided.c.other)).all()
    whole = sum(row.decisions for row in rows)
    return [
        Pair(row.one, row.other, row.decisions, round(100 * row.decisions / whole)) for row in rows
    ]


def _two(
    one: Any, other: Any, at: Any, since: datetime, until: datetime
) -> Select[UUID, UUID | None]:
    """Columns of one table of decisions."""
    return select(col(one).label("one"), col(other).label("other")).where(
        col(at) >= since, col(at) < until, col(one).is_not(None), col(other).is_not(None)
    )
