"""Closing the account of somebody who died: two officers who saw a proof, and 30 days in which a
living person stops it by living on: by signing in, at a counter, a station or a till, by a deed, or
by saying so. A recovery in all but its end (docs/adr/0018).

What is left stays and goes back to the funder on the programme's last day, as of every account
that is closed: a gift needs the owner's signature, and nobody signs for the dead. Callers commit.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Mapped, Session
from sqlmodel import col

from app.actions.models import Action, Visit
from app.errors import Problem
from app.governance.emergencies import unreviewed
from app.identity.cards.models import Card, CounterVisit, Shown
from app.identity.cards.service import block_rows
from app.identity.models import Person, PresenceUse, SignInSession
from app.mail_settings import Mail
from app.recovery.carrying import Acceptor
from app.recovery.cases import fail, finish, object_alive
from app.recovery.models import OPEN, DeathPaper, Recovery, RecoveryKind, RecoveryState
from app.recovery.moves import moving
from app.recovery.proposing import known_person, propose_death
from app.rights.closing import check_no_role, close


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
    session: Session, acceptor: Acceptor, letters: Mail, now: datetime
) -> bool:
    """One case that has something to be done, in the caller's transaction; whether there was."""
    confirmed = col(Recovery.state) == RecoveryState.CONFIRMED
    decided = col(Recovery.state) == RecoveryState.APPROVED
    ripe = (confirmed | decided) & (col(Recovery.ready_at) <= now) & ~_must_wait()
    query = (
        select(Recovery, _lives().label("alive"))
        .where(
            col(Recovery.kind) == RecoveryKind.DEATH,
            col(Recovery.state).in_(OPEN),
            ripe | (col(Recovery.ends_at) <= now) | (confirmed & _lives()),
        )
        .order_by(col(Recovery.id))
        .limit(1)
        .with_for_update(skip_locked=True, of=Recovery)
    )
    found = session.execute(query.execution_options(populate_existing=True)).first()
    if found is None:
        return False
    case, alive = found
    if now >= case.ends_at:
        fail(session, case, now)
    elif alive and case.state is RecoveryState.CONFIRMED:
        object_alive(session, case, now)
    else:
        _close(session, case, acceptor, letters, now)
    return True


def _lives() -> ColumnElement[bool]:
    """Since the notice somebody signed in as the person or went on by hand in a session of theirs,
    showed card or code at a counter, a station or a till, or did what counts as a deed."""
    return or_(
        _since(SignInSession, col(SignInSession.created_at)),
        _since(SignInSession, col(SignInSession.last_seen_at)),
        _since(CounterVisit, col(CounterVisit.at), col(CounterVisit.shown) != Shown.ADDRESS),
        _since(PresenceUse, col(PresenceUse.at)),
        _since(Card, col(Card.refused_at)),
        _since(Visit, col(Visit.created_at)),
        _since(Action, col(Action.deed_at)),
    )


def _since(table: type[Any], at: Mapped[Any], *more: ColumnElement[bool]) -> ColumnElement[bool]:
    theirs = table.person_id == col(Recovery.person_id)
    return exists().where(theirs, at > col(Recovery.confirmed_at), *more)


def _must_wait() -> ColumnElement[bool]:
    """What stands in the way for a while: a move on its way, an emergency access of theirs that two
    have not looked at yet."""
    return or_(moving(col(Recovery.person_id)), unreviewed(col(Recovery.person_id)))


def _close(
    session: Session, case: Recovery, acceptor: Acceptor, letters: Mail, now: datetime
) -> None:
    """Cards, sessions and mandates end with it; what a block or a guardian held, they hold no
    more."""
    person, by = case.person_id, case.confirmed_by
    session.get_one(Person, person, with_for_update=True)  # nobody gives a role meanwhile
    try:
        check_no_role(session, person, now)
    except Problem:
        fail(session, case, now)
        return
    acceptor.end_recovered_cards(case.id)
    block_rows(session, person, by=None, now=now)
    finish(session, case, now)
    close(session, person, gift=None, letters=letters, now=now, by=by, died=True)
