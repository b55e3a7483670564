"""Giving an account back to its person: proposed by one officer, confirmed by another, done after
72 hours (30 days after a death) unless somebody objects; then two other officers decide. Callers
commit.

An objection never wins by itself: who has the old address, session or key may be the thief. It
freezes, and calls people who have had no part in it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import NotFound, Problem
from app.identity.block_models import LetterLink, LinkKind
from app.identity.mandates import service as mandates
from app.recovery import address_codes, blocks, chain, letters, problems, rules
from app.recovery.models import OPEN, Recovery, RecoveryKind, RecoveryState, RecoveryVote

__all__ = ["problems"]


def confirm(
    session: Session, case_id: UUID, *, by: UUID, now: datetime, code: str = ""
) -> Recovery:
    """The second officer's yes: the wallet stands still, the person is told, the clock starts.

    `code`: what the person read in the new mailbox, where the case is about one.
    """
    case = _standing(session, case_id, {RecoveryState.PROPOSED}, now)
    rules.check_other(_acted(session, case), by)
    address_codes.prove(session, case, code, now)
    case.state, case.confirmed_by, case.confirmed_at = RecoveryState.CONFIRMED, by, now
    case.ready_at = now + rules.notice(case.kind)
    _go_on_until(session, case, case.ready_at + rules.DECIDED_WITHIN, now)
    chain.tell_step(session, case, "confirm_recovery", now)
    letters.tell_confirmed(session, case, now)
    return case


def withdraw(session: Session, case_id: UUID, *, now: datetime) -> Recovery:
    """Before it is confirmed: the proposer's mistake, or any other officer's refusal."""
    case = _standing(session, case_id, {RecoveryState.PROPOSED}, now)
    fail(session, case, now)
    chain.tell_step(session, case, "withdraw_recovery", now)
    return case


def object_by_link(session: Session, link: LetterLink, now: datetime) -> Recovery:
    """The letter's link, which is worn out afterwards."""
    if link.kind is not LinkKind.OBJECTION or link.about is None:
        raise Problem("link-worn-out")
    link.used_at = now
    return _object(session, link.about, None, now)


def object_in_person(
    session: Session, case_id: UUID, *, person_id: UUID, now: datetime
) -> Recovery:
    """Of a person who is signed in somewhere. Raises NotFound for another's case."""
    case = session.get(Recovery, case_id)
    if case is None or case.person_id != person_id:
        raise NotFound
    return _object(session, case_id, None, now)


def object_alive(session: Session, case: Recovery, now: datetime) -> None:
    """Somebody came in as the person after all: everything stops, two others look."""
    _object(session, case.id, None, now)


def contest(session: Session, case_id: UUID, *, by: UUID, now: datetime) -> Recovery:
    """By an officer for somebody who telephoned or came; neither of the two who want it."""
    return _object(session, case_id, by, now)


def vote(session: Session, case_id: UUID, *, in_favour: bool, by: UUID, now: datetime) -> Recovery:
    """One of two officers who had no part in it; the first two who agree have decided."""
    case = _standing(session, case_id, {RecoveryState.OBJECTED}, now)
    rules.check_other(_acted(session, case), by)
    session.add(RecoveryVote(recovery_id=case.id, officer_id=by, in_favour=in_favour, at=now))
    session.flush()
    decided = rules.decision(one.in_favour for one in _votes(session, case.id))
    if decided is None:
        return case
    chain.tell_decided(session, case, decided, now)
    if decided:
        case.state = RecoveryState.APPROVED
        later = max(case.ready_at or now, now)
        _go_on_until(session, case, later + rules.DECIDED_WITHIN, now)
    else:
        fail(session, case, now)
    return case


def fail(session: Session, case: Recovery, now: datetime) -> None:
    """Nothing changes; the wallet stands still no longer because of this."""
    told = case.confirmed_at is not None
    case.state, case.closed_at = RecoveryState.FAILED, now
    blocks.let_go(session, case.id, now)
    session.flush()
    if told:
        death = case.kind is RecoveryKind.DEATH
        words = letters.DEATH_FAILED if death else letters.FAILED
        letters.tell(session, case.person_id, words, now)


def finish(session: Session, case: Recovery, now: datetime) -> None:
    """The owner has the account back; nobody acts for them on the word of whoever had it."""
    case.state, case.closed_at = RecoveryState.DONE, now
    mandates.end_given(session, case.person_id, now)
    blocks.let_go(session, case.id, now)
    session.flush()


def open_cases(session: Session, now: datetime, person_id: UUID | None = None) -> list[Recovery]:
    """Of everybody, or of one person; oldest first."""
    query = select(Recovery).where(col(Recovery.state).in_(OPEN), col(Recovery.ends_at) > now)
    if person_id is not None:
        query = query.where(col(Recovery.person_id) == person_id)
    return list(session.scalars(query.order_by(col(Recovery.id))))


def to_decide(session: Session, now: datetime) -> int:
    """How many wait for another officer's yes, or for two others after an objection."""
    waits = col(Recovery.state).in_((RecoveryState.PROPOSED, RecoveryState.OBJECTED))
    query = select(func.count()).select_from(Recovery)
    return session.scalar(query.where(waits, col(Recovery.ends_at) > now)) or 0


def fail_open(session: Session, person_id: UUID, now: datetime) -> None:
    """Of a person who leaves: what was proposed for them has no object any more."""
    query = select(Recovery).where(
        col(Recovery.person_id) == person_id, col(Recovery.state).in_(OPEN)
    )
    for case in session.scalars(query.with_for_update()):
        if case.state is RecoveryState.PROPOSED:
            chain.tell_step(session, case, "withdraw_recovery", now)
        fail(session, case, now)


def withdraw_for(session: Session, account_id: UUID, now: datetime) -> None:
    """Of an account that its owner moves: what one officer proposed for it has no object any more.
    A confirmed case blocks the wallet, so it never comes to this."""
    query = select(Recovery).where(
        col(Recovery.account_id) == account_id, col(Recovery.state) == RecoveryState.PROPOSED
    )
    for case in session.scalars(query.with_for_update()):
        chain.tell_step(session, case, "withdraw_recovery", now)
        fail(session, case, now)


def last_done(session: Session, person_id: UUID) -> Recovery | None:
    query = select(Recovery).where(
        col(Recovery.person_id) == person_id, col(Recovery.state) == RecoveryState.DONE
    )
    return session.scalars(query.order_by(col(Recovery.id).desc()).limit(1)).first()


def _object(session: Session, case_id: UUID, by: UUID | None, now: datetime) -> Recovery:
    case = _standing(session, case_id, {RecoveryState.CONFIRMED}, now)
    if by is not None:
        rules.check_other(_acted(session, case), by)
    case.state, case.objected_at, case.objected_by = RecoveryState.OBJECTED, now, by
    _go_on_until(session, case, now + rules.DECIDED_WITHIN, now)
    chain.tell_step(session, case, "contest_recovery", now)
    letters.tell_objected(session, case, now)
    return case


def _go_on_until(session: Session, case: Recovery, ends_at: datetime, now: datetime) -> None:
    """It lapses then, and the block with it."""
    case.ends_at = ends_at
    session.flush()
    blocks.keep_blocked(session, case.person_id, case.id, ends_at, now)


def _acted(session: Session, case: Recovery) -> set[UUID | None]:
    voted = {one.officer_id for one in _votes(session, case.id)}
    return {case.person_id, case.proposed_by, case.confirmed_by} | voted


def _votes(session: Session, case_id: UUID) -> list[RecoveryVote]:
    return list(
        session.scalars(select(RecoveryVote).where(col(RecoveryVote.recovery_id) == case_id))
    )


def _standing(
    session: Session, case_id: UUID, wanted: set[RecoveryState], now: datetime
) -> Recovery:
    """Locked. Raises NotFound, Problem recovery-not-so-far."""
    case = session.get(Recovery, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise NotFound
    rules.check_state(rules.state_at(case.state, case.ends_at, now), wanted)
    return case
