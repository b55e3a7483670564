"""An end is announced by two officers, and told to everybody with an account in the programme.

One row a person, in the transaction that writes their letter: whatever is killed, each is told
once, and how many were told is a count of rows. Callers commit.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import changes
from app.endings import letters, problems
from app.endings.models import EndNotice
from app.errors import Problem
from app.governance.models import Proposal
from app.governance.service import carries, propose
from app.identity.models import Account, Person
from app.rewards import life
from app.rewards.models import Programme, ProgrammeState
from app.rewards.programmes import lock
from app.spans import Days

__all__ = ["problems"]
KIND = "programme-end"
OPEN = frozenset({ProgrammeState.PUBLISHED, ProgrammeState.RUNNING, ProgrammeState.PAUSED})


def propose_end(
    session: Session, programme_id: UUID, last_day_to_spend: date, *, by: UUID, now: datetime
) -> Proposal:
    """Nobody is told until another officer confirms. Raises Problem."""
    programme = lock(session, programme_id)
    _check(programme, last_day_to_spend, now)
    payload = {"last_day_to_spend": last_day_to_spend.isoformat()}
    return propose(session, KIND, programme_id, payload, by=by, now=now)


@carries(KIND)
def _announce(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    programme = lock(session, UUID(proposal.subject))
    last = date.fromisoformat(proposal.payload["last_day_to_spend"])
    _check(programme, last, now)
    before = {"last_day_to_spend": programme.last_day_to_spend.isoformat(), "announced": False}
    programme.last_day_to_spend, programme.end_announced_at = last, now
    after = {"last_day_to_spend": last.isoformat(), "announced": True}
    changes.note(session, changes.END, programme.id, before, after, by=by, now=now)
    session.flush()


def published_last_day(session: Session, programme: Programme) -> date:
    """The last day to spend as it was published: the chain's for ever, whatever is announced."""
    moved = changes.all_of(session, programme.id, what=changes.END)
    if not moved:
        return programme.last_day_to_spend
    return date.fromisoformat(moved[0].before["last_day_to_spend"])


def first_last_day(programme: Programme, now: datetime) -> date:
    """The earliest last day to spend that can be announced now: never sooner than published."""
    notice = life.SHORT_NOTICE if programme.short_timetable else life.NOTICE
    return max(programme.last_day_to_spend, life.today_of(programme, now) + notice)


def _check(programme: Programme, last: date, now: datetime) -> None:
    life.check_from(programme, OPEN)
    if programme.end_announced_at is not None:
        said = life.DayWords(life.today_of(programme, programme.end_announced_at))
        raise Problem("end-announced", when=said, last=life.DayWords(programme.last_day_to_spend))
    first = first_last_day(programme, now)
    if last < first:
        days = Days((life.SHORT_NOTICE if programme.short_timetable else life.NOTICE).days)
        field = "last_day_to_spend"
        raise Problem("end-too-soon", field=field, days=days, first=life.DayWords(first))


def tell_next(session: Session, now: datetime, limit: int = 200) -> int:
    """The next people of announced ends; zero when everybody was told."""
    announced = select(Programme).where(
        col(Programme.end_announced_at).is_not(None), col(Programme.state).not_in(life.ENDED)
    )
    told = 0
    for programme in session.scalars(announced.order_by(col(Programme.id))).all():
        people = _untold(programme).order_by(col(Person.id)).limit(limit - told)
        for person in session.scalars(people.with_for_update(skip_locked=True)).all():
            reached = letters.tell_ending(session, programme, person, now)
            session.add(
                EndNotice(
                    programme_id=programme.id, person_id=person.id, told_at=now, by_letter=reached
                )
            )
            told += 1
        session.flush()
        if told >= limit:
            break
    return told


def untold(session: Session, programme: Programme) -> int:
    counted = _untold(programme).with_only_columns(func.count(), maintain_column_froms=True)
    return int(session.scalar(counted) or 0)


def late(session: Session, programme: Programme, since: datetime) -> int:
    """How many are not told of an end that was announced before `since`, as they were here."""
    if programme.end_announced_at is None or programme.end_announced_at > since:
        return 0
    query = _untold(programme, since).with_only_columns(func.count(), maintain_column_froms=True)
    return int(session.scalar(query) or 0)


def told(session: Session, programme: Programme) -> tuple[int, int]:
    """By letter, and without: whom the counter and the shops must tell."""
    query = select(col(EndNotice.by_letter), func.count()).where(
        col(EndNotice.programme_id) == programme.id
    )
    rows = session.execute(query.group_by(col(EndNotice.by_letter)))
    counts = {by_letter: count for by_letter, count in rows}  # noqa: C416 - rows are no pairs to mypy
    return counts.get(True, 0), counts.get(False, 0)


def _untold(programme: Programme, since: datetime | None = None) -> Select[Person]:
    """People with an account there, made before `since`, who have not left."""
    account = exists().where(
        col(Account.person_id) == col(Person.id), col(Account.programme_id) == programme.id
    )
    if since is not None:
        account = account.where(col(Account.created_at) <= since)
    notice = exists().where(
        col(EndNotice.person_id) == col(Person.id), col(EndNotice.programme_id) == programme.id
    )
    return select(Person).where(account, ~notice, col(Person.closed_at).is_(None))
