"""A programme is closed by two officers, in one step on the chain, over nothing that is open.

What happens by itself: a published programme runs from its first day on, stops after its announced
last day to spend, and is archived once every cent is accounted for. Callers commit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.endings import problems
from app.endings.announcing import late
from app.endings.hindrances import hindrances
from app.endings.returns import left_cents, outstanding_cents
from app.errors import Problem
from app.governance.models import Proposal
from app.governance.service import carries, propose
from app.outbox.service import enqueue, report_incident
from app.rewards import life
from app.rewards.models import Programme, ProgrammeState
from app.rewards.programmes import lock

__all__ = ["problems"]
KIND = "programme-close"
TOLD = timedelta(days=2)  # everybody is, within
REMINDED = timedelta(days=60)  # before a last day to spend that nobody has announced


def propose_close(session: Session, programme_id: UUID, *, by: UUID, now: datetime) -> Proposal:
    """Nothing expires until another officer confirms and the chain has closed it."""
    check_closable(session, lock(session, programme_id), now)
    return propose(session, KIND, programme_id, {}, by=by, now=now)


@carries(KIND)
def _close(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:  # noqa: ARG001 - who is on the proposal
    programme = lock(session, UUID(proposal.subject))
    check_closable(session, programme, now)
    programme.close_decided_at = now
    enqueue(
        session,
        kind="close_programme",
        key=programme.chain_id.hex(),
        payload={"programme_id": programme.chain_id},
        now=now,
    )
    session.flush()


def check_closable(session: Session, programme: Programme, now: datetime) -> None:
    """Raises Problem programme-state, close-decided, or not-closable with each hindrance."""
    life.check_from(programme, {ProgrammeState.CLOSING})
    if programme.close_decided_at is not None:
        raise Problem("close-decided")
    if found := hindrances(session, programme, now):
        raise Problem("not-closable", fields=found, count=len(found))


def go_on_next(session: Session, now: datetime, tried: set[UUID]) -> bool:
    """Whatever the day brings to the next programme not tried yet; whether there was one."""
    live = select(Programme).where(
        col(Programme.state) != ProgrammeState.ARCHIVED, col(Programme.id).not_in(tried)
    )
    first = live.order_by(col(Programme.id)).limit(1)
    # Recording goes on meanwhile.
    programme = session.scalars(first.with_for_update(key_share=True)).one_or_none()
    if programme is None:
        return False
    tried.add(programme.id)
    life.begin(session, programme, now)
    life.stop_spending(session, programme, now)
    _archive(session, programme, now)
    _remind(session, programme, now)
    _watch_letters(session, programme, now)
    return True


def _archive(session: Session, programme: Programme, now: datetime) -> bool:
    """Shops are paid out, and the funder has the rest."""
    if programme.state is not ProgrammeState.CLOSED:
        return False
    if outstanding_cents(session, programme) or left_cents(session, programme):
        return False
    life.turn(session, programme, ProgrammeState.ARCHIVED, by=None, now=now)
    return True


def _watch_letters(session: Session, programme: Programme, now: datetime) -> None:
    """The days of notice run from the announcement on, whether it reaches anybody or not."""
    count = late(session, programme, now - TOLD)
    if programme.state not in life.ENDED and count:
        report_incident(
            session,
            code="end_not_told",
            detail=f"{programme.slug}: its end is announced, and {count} people don't know yet",
            now=now,
            reference=str(programme.id),
        )


def _remind(session: Session, programme: Programme, now: datetime) -> None:
    """An end that nobody announces doesn't come; the operator hears of it in time."""
    near = programme.last_day_to_spend - life.today_of(programme, now) <= REMINDED
    can_end = ProgrammeState.CLOSING in life.FOLLOWS[programme.state]
    if near and can_end and programme.end_announced_at is None and not programme.short_timetable:
        report_incident(
            session,
            code="end_not_announced",
            detail=f"{programme.slug}: until two officers announce its end, it doesn't come",
            now=now,
            reference=str(programme.id),
        )
