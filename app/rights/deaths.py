"""Closing the account of somebody who died: two officers who saw a proof, and 72 hours in which a
living person stops it by signing in or by saying so. A recovery in all but its end (docs/adr/0018).

What is left stays and goes back to the funder on the programme's last day, as of every account
that is closed: a gift needs the owner's signature, and nobody signs for the dead. Callers commit.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Problem
from app.identity.cards.service import block_rows
from app.identity.models import SignInSession
from app.mail_settings import Mail
from app.recovery.carrying import Acceptor
from app.recovery.cases import fail, finish, object_alive
from app.recovery.models import OPEN, DeathPaper, Recovery, RecoveryKind, RecoveryState
from app.recovery.proposing import known_person, propose_death
from app.rights.closing import check_no_role, close

# What a second look finds that the first could not know: then nothing is closed.
_IN_THE_WAY = {"closing-roles-held", "wallet-moving"}


def propose(
    session: Session,
    *,
    known_by: str,
    paper: DeathPaper,
    paper_on: date,
    by: UUID,
    now: datetime,
) -> Recovery:
    """The first officer's part. Raises Problem closing-roles-held, death-paper-day,
    recovery-another-officer, recovery-open, recovery-person-unknown."""
    person = known_person(session, known_by)
    check_no_role(session, person.id, now)
    return propose_death(session, person, paper=paper, paper_on=paper_on, by=by, now=now)


def carry_out_next_death(
    session: Session, acceptor: Acceptor, letters: Mail, now: datetime, tried: set[UUID]
) -> bool:
    """The next case, as `carry_out_next` of a recovery."""
    confirmed = col(Recovery.state) == RecoveryState.CONFIRMED
    decided = confirmed | (col(Recovery.state) == RecoveryState.APPROVED)
    ripe = decided & (col(Recovery.ready_at) <= now)
    query = (
        select(Recovery, _came_in().label("alive"))
        .where(
            col(Recovery.kind) == RecoveryKind.DEATH,
            col(Recovery.state).in_(OPEN),
            col(Recovery.id).not_in(tried),
            ripe | (col(Recovery.ends_at) <= now) | (confirmed & _came_in()),
        )
        .order_by(col(Recovery.id))
        .limit(1)
        .with_for_update(skip_locked=True, of=Recovery)
    )
    found = session.execute(query.execution_options(populate_existing=True)).first()
    if found is None:
        return False
    case, alive = found
    tried.add(case.id)
    if now >= case.ends_at:
        fail(session, case, now)
    elif alive and case.state is RecoveryState.CONFIRMED:
        object_alive(session, case, now)
    else:
        _close(session, case, acceptor, letters, now)
    return True


def _came_in() -> ColumnElement[bool]:
    """Somebody signed in as the person, or went on in a session of theirs, since the notice."""
    return exists().where(
        col(SignInSession.person_id) == col(Recovery.person_id),
        or_(
            col(SignInSession.created_at) > col(Recovery.confirmed_at),
            col(SignInSession.last_seen_at) > col(Recovery.confirmed_at),
        ),
    )


def _close(
    session: Session, case: Recovery, acceptor: Acceptor, letters: Mail, now: datetime
) -> None:
    """Cards, sessions and mandates end with it; what a block or a guardian held, they hold no
    more."""
    person, by = case.person_id, case.confirmed_by
    acceptor.end_recovered_cards(case.id)
    try:
        with session.begin_nested():
            block_rows(session, person, by=None, now=now)
            finish(session, case, now)
            close(session, person, gift=None, letters=letters, now=now, by=by, died=True)
    except Problem as problem:
        if problem.code not in _IN_THE_WAY:
            raise
        session.refresh(case)
        fail(session, case, now)
