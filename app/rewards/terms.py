"""A programme's terms as recording needs them: dates, delays, and what its rules take."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.timetable import Terms
from app.rewards.models import Programme, ProgrammeState, RuleSet
from app.rewards.rules import RuleSet as Rules


def rules_in_force(session: Session, programme: Programme, at: datetime) -> RuleSet | None:
    """The newest version that is valid at `at`."""
    query = (
        select(RuleSet)
        .where(col(RuleSet.programme_id) == programme.id, col(RuleSet.valid_from) <= at)
        .order_by(col(RuleSet.version).desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def terms_of(session: Session, programme: Programme, now: datetime) -> Terms:
    """Without rules in force the programme takes nothing, and counts as not running."""
    stored = rules_in_force(session, programme, now)
    rules = Rules.from_json(stored.rules) if stored is not None else None
    return Terms(
        programme_id=programme.id,
        chain_id=programme.chain_id,
        zone=ZoneInfo(programme.time_zone),
        first_day=programme.first_day,
        last_day_to_earn=programme.last_day_to_earn,
        running=programme.state is ProgrammeState.RUNNING and rules is not None,
        undo=timedelta(seconds=programme.undo_seconds),
        delay_attested=timedelta(seconds=programme.delay_attested_seconds),
        delay_evidenced=timedelta(seconds=programme.delay_evidenced_seconds),
        max_age_days=rules.max_age_days if rules else 0,
        action_types=frozenset(rules.rates) if rules else frozenset(),
    )
