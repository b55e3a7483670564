"""Daily facts: the city's own records added up, so that pages need not read every deed.

A day is rolled whole: its rows go and come anew, so rolling again changes nothing. Rolled are the
last days, and any older day of whose deeds one changed its state lately. Amounts in cents. What
the public is told from records is added up at the same time, from published periods alone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.identity.models import KeyCustody
from app.impact.entries import METRICS
from app.reporting import held

DAYS = 7  # by the deed's day: most deeds are entered and settled within
CHANGED = timedelta(days=3)  # several rounds may fail before a change is missed

_DAYS = text("""
    select distinct deed_day from action where deed_day >= :since
    union select day from fact_day where day >= :since
    union select a.deed_day from action_log l join action a on a.id = l.action_id
      where l.at >= :changed
""")
_FORGET = text("delete from fact_day where day = any(:days)")
_SUMS = ", ".join(f"'{name}', coalesce(sum((a.metrics->>'{name}')::bigint), 0)" for name in METRICS)
_ROLL = text(f"""
    insert into fact_day (programme_id, day, action_type_id, action_type_version, proof_level,
      state, district, actions, people, reward_cents, metrics, operator_signed)
    select a.programme_id, a.deed_day, a.action_type_id, a.action_type_version, a.proof_level,
      a.state, coalesce(a.district, ''), count(*), count(distinct a.person_id),
      sum(a.reward_cents), json_build_object({_SUMS}), count(*) filter (where t.custody = :server)
    from action a left join attestation t on t.digest = a.attestation_digest
    where a.deed_day = any(:days)
    group by 1, 2, 3, 4, 5, 6, 7
""")  # noqa: S608 - the names are our own
_ADD_UP = text("""
    insert into record_total (id, trips, distance_m, operator_signed, vouched, held_cents, holders)
    select 1, coalesce(sum(trips), 0), coalesce(sum(distance_m), 0), max(signed), max(deeds), 0, 0
    from partner_day_sum right join (
      select coalesce(sum(operator_signed), 0) as signed, coalesce(sum(vouched), 0) as deeds
      from cell_publication where final_at is not null
    ) facts on true
    on conflict (id) do update set trips = excluded.trips, distance_m = excluded.distance_m,
      operator_signed = excluded.operator_signed, vouched = excluded.vouched
""")


def roll(session: Session, now: datetime) -> list[date]:
    """Brings the facts up to date; the days that were rolled. The caller commits."""
    since = {"since": now.date() - timedelta(days=DAYS), "changed": now - CHANGED}
    days = sorted(session.scalars(_DAYS, since))
    if days:
        session.execute(_FORGET, {"days": days})
        session.execute(_ROLL, {"days": days, "server": KeyCustody.SERVER.value})
    session.execute(_ADD_UP)
    held.take(session, now)
    return days
