"""Papers seen at a counter: the person is verified from then on, and nothing of them is kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.clock import city_day
from app.errors import Problem
from app.identity.cards.models import CounterVisit
from app.identity.models import Role
from app.identity.one_account import Pivot, prove
from app.privacy.service import Actor, record_access

OLDEST = timedelta(days=130 * 366)
PURPOSE = "counter"


def see_papers(
    session: Session,
    visit: CounterVisit,
    *,
    family_name: str,
    given_names: str,
    born: date,
    parent_agrees: bool,
    now: datetime,
) -> None:
    """The person is known by papers from now on. Raises Problem papers-of-another, papers-wrong,
    parent-needed."""
    today = city_day(session, now)
    if not today - OLDEST < born <= today:
        raise Problem("papers-wrong", field="born")
    seen = Pivot(family_name, given_names, born)
    try:
        prove(session, visit.person_id, seen, now, parent_agrees=parent_agrees)
    except Problem as problem:
        if problem.code == "second-account":
            raise Problem("papers-of-another", field="family_name") from problem
        raise
    record_access(
        session,
        visit.person_id,
        resource="counter_papers",
        fields=["papers"],
        purpose=PURPOSE,
        actor=Actor(visit.officer_id, Role.OFFICER.value),
    )
