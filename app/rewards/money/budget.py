"""A programme's budget in one query: funded, promised, minted, and what became of the tokens.

Funded counts fundings that are final; minted and what follows come from the ledger, and so from
final blocks alone. What is promised and not minted yet is reserved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.rewards.models import Programme

LOOK_BACK = timedelta(days=28)
WARN_AT = 80  # per cent of what was funded
_BUDGET = text("""
    select
        (select coalesce(sum(amount_cents), 0) from funding
            where programme_id = p.id and final_at is not null) as funded,
        (select coalesce(sum(cents), 0) from reward_counter
            where programme_id = p.id and scope = 'budget') as promised,
        coalesce(l.minted, 0) as minted, coalesce(l.spent, 0) as spent,
        coalesce(l.paid_out, 0) as paid_out, coalesce(l.given_back, 0) as given_back,
        coalesce(l.expired, 0) as expired,
        (select coalesce(sum(reward_cents), 0) from action
            where programme_id = p.id and recorded_at > :since) as lately,
        (select min(recorded_at) from action
            where programme_id = p.id and recorded_at > :since and reward_cents > 0) as first
    from programme p
    left join lateral (
        select
            sum(amount_cents) filter (where kind = 'credit') as minted,
            sum(case kind when 'payment' then amount_cents when 'refund' then -amount_cents end)
                filter (where side = 1) as spent,
            -sum(amount_cents) filter (where kind = 'pay_out') as paid_out,
            -sum(amount_cents) filter (where kind = 'give_back') as given_back,
            -sum(amount_cents) filter (where kind = 'expiry') as expired
        from ledger_entry where programme_chain_id = p.chain_id
    ) l on true
    where p.id = :programme
""")


@dataclass(frozen=True)
class Budget:
    """Cents. `reserved` + `minted` never pass `funded`. `runs_out_on`: at the pace of the last
    four weeks, None where it lasts to the last day to earn or nothing is earned."""

    funded: int
    reserved: int
    minted: int
    spent: int
    paid_out: int
    given_back: int
    expired: int
    a_day: int
    runs_out_on: date | None

    @property
    def promised(self) -> int:
        return self.reserved + self.minted

    @property
    def left(self) -> int:
        return self.funded - self.promised

    @property
    def short(self) -> bool:
        """Worth a warning."""
        return self.funded > 0 and self.promised * 100 >= self.funded * WARN_AT


def budget_of(session: Session, programme: Programme, now: datetime) -> Budget:
    """As it stands at this moment."""
    asked = {"programme": programme.id, "since": now - LOOK_BACK}
    row = session.execute(_BUDGET, asked).one()
    funded, promised, minted = int(row.funded), int(row.promised), int(row.minted)
    a_day = _pace(int(row.lately), row.first, now)
    return Budget(
        funded=funded,
        reserved=promised - minted,
        minted=minted,
        spent=int(row.spent),
        paid_out=int(row.paid_out),
        given_back=int(row.given_back),
        expired=int(row.expired),
        a_day=a_day,
        runs_out_on=_runs_out(programme, funded - promised, a_day, now),
    )


def _pace(cents: int, first: datetime | None, now: datetime) -> int:
    """Cents a day, since the first deed of the last four weeks, over a day at least."""
    if first is None:
        return 0
    days = max(1, -(-(now - first) // timedelta(days=1)))
    return -(-cents // days)


def _runs_out(programme: Programme, left: int, a_day: int, now: datetime) -> date | None:
    today = now.astimezone(ZoneInfo(programme.time_zone)).date()
    if a_day == 0 or left >= a_day * ((programme.last_day_to_earn - today).days + 1):
        return None
    return today + timedelta(days=max(0, left) // a_day)
