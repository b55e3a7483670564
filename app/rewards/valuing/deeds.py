"""Deeds and the money that belongs to them: what web, API and demo call. Nothing is committed.

Here the programme, its terms, the account and the reward are tied to what actions record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions import attestation, log, recording, review
from app.actions.attestation import Signed, live_visit
from app.actions.models import Action, ActionState, Appeal, ProofLevel, Visit
from app.actions.recording import Deed, Doer
from app.actions.rules import check_deed, check_type
from app.actions.states import Ending
from app.actions.telling import check_asked, told_at_counter
from app.actions.told import NOTHING, Told
from app.chain import typed
from app.errors import Problem
from app.identity.accounts import KeyMaker
from app.identity.models import Organisation
from app.impact.catalogue import catalogue
from app.rewards import letters
from app.rewards.life import ENDED
from app.rewards.models import Programme
from app.rewards.valuing import decided
from app.rewards.valuing.authenticate import Money, programme_of
from app.rewards.valuing.standing import at_counter, standing_of
from app.rewards.valuing.terms import Version, in_force, terms_at, timetable_of, versions

__all__ = ["answer_appeal", "attest", "decided", "declare", "draft", "refuse", "release", "undo"]


def declare(
    session: Session,
    deed: Deed,
    *,
    person_id: UUID,
    programme_id: UUID,
    wallets: KeyMaker,
    now: datetime,
) -> Action:
    """A citizen's own word."""
    standing = standing_of(session, person_id, programme_id)
    return recording.record_by_citizen(
        session,
        terms=standing.terms(now),
        catalogue=catalogue(),
        doer=Doer(person_id, standing.account(session, wallets, now)),
        deed=_asked(standing.funds.versions, deed),
        now=now,
        valuer=Money(catalogue(), standing.funds).value,
    )


def attest(
    session: Session,
    signed: Signed[typed.Attestation],
    *,
    organisation_id: UUID,
    clerk_id: UUID,
    confirmed_unusual: bool,
    domain: typed.Domain,
    wallets: KeyMaker,
    now: datetime,
    told: Told = NOTHING,
) -> Action:
    """A clerk's signed statement about who stands at the counter, and what they tell beside it."""
    key = attestation.signer_of(typed.attestation_digest(domain, signed.struct), signed)
    found = at_counter(session, signed.struct.subject, organisation_id=organisation_id, signer=key)
    visit = live_visit(session, signed.struct.subject, clerk_id=clerk_id, now=now)
    telling, standing = told_at_counter(session, told, visit, now), found.standing
    deed = attestation.deed_of(catalogue(), signed.struct, telling, confirmed_unusual)
    return attestation.record_by_attester(
        session,
        terms=standing.terms(now),
        catalogue=catalogue(),
        domain=domain,
        organisation=found.organisation,
        clerk_id=clerk_id,
        doer=Doer(visit.person_id, standing.account(session, wallets, now)),
        statement=signed,
        deed=_asked(standing.funds.versions, deed),
        now=now,
        valuer=Money(catalogue(), standing.funds).value,
    )


def draft(
    session: Session, visit: Visit, deed: Deed, *, organisation: Organisation, now: datetime
) -> typed.Attestation:
    """What the clerk's key is to sign, once the deed would be taken. Raises Problem."""
    programme = programme_of(session, visit.programme_id)
    known = versions(session, programme.id)
    terms = terms_at(timetable_of(programme), known, now)
    _asked(known, deed)
    told_at_counter(session, deed.told, visit, now)
    action_type = check_type(catalogue(), terms, deed.action_type, ProofLevel.ATTESTED)
    check_deed(
        terms,
        action_type,
        quantity=deed.quantity,
        deed_at=deed.deed_at,
        now=now,
        confirmed_unusual=deed.confirmed_unusual,
        at_counter=True,
    )
    return attestation.draft(terms, organisation, catalogue(), visit, deed)


def _asked(known: Iterable[Version], deed: Deed) -> Deed:
    """If it tells only what the rules of its day ask. Raises Problem told-not-shared,
    told-not-asked."""
    if deed.told:
        found = in_force(known, deed.deed_at)
        check_asked(deed.told, deed.action_type, found.rules.program if found else None)
    return deed


def undo(
    session: Session, action_id: UUID, *, by: UUID, at: UUID | None = None, now: datetime
) -> Action:
    money = _money().give_back
    return review.undo(session, action_id=action_id, by=by, at=at, now=now, unvaluer=money)


def refuse(session: Session, action_id: UUID, *, reason: str, by: UUID, now: datetime) -> Action:
    """And a letter: why, and what to do."""
    action = review.refuse(
        session,
        action_id=action_id,
        reason=reason,
        by=by,
        now=now,
        unvaluer=_money().give_back,
    )
    letters.tell_refused(session, action, now)
    return action


def refuse_counted(session: Session, action: Action, now: datetime) -> None:
    """By the system: the same deed was credited already, before a restore lost it."""
    reason, unvaluer = "counted-twice", _money().give_back
    review.refuse_locked(session, action, reason=reason, by=None, now=now, unvaluer=unvaluer)
    letters.tell_refused(session, action, now)


def release(session: Session, action_id: UUID, *, by: UUID, now: datetime) -> Action:
    """Raises Problem release-too-late once the closing is decided."""
    check_still_credits(session, col(Action.id) == action_id, "release-too-late")
    return review.release(session, action_id=action_id, by=by, now=now, valuer=_money().release)


def answer_appeal(
    session: Session, appeal_id: UUID, *, upheld: bool, text: str, by: UUID, now: datetime
) -> Appeal:
    """Upheld: valued again by the rules and caps of its day; it waits where they still ask. And a
    letter."""
    if upheld:
        appealed = select(col(Appeal.action_id)).where(col(Appeal.id) == appeal_id)
        about = col(Action.id).in_(appealed)
        check_still_credits(session, about, "appeal-too-late")
    answered = review.answer_appeal(
        session,
        appeal_id=appeal_id,
        upheld=upheld,
        text=text,
        by=by,
        now=now,
        valuer=_money().uphold,
    )
    letters.tell_answered(session, answered, now)
    return answered


def check_still_credits(session: Session, about: ColumnElement[bool], code: str) -> None:
    """Of the programme of a deed. Raises Problem `code`: nothing is minted any more."""
    asked = select(col(Programme.close_decided_at), col(Programme.state)).join(
        Action, col(Action.programme_id) == col(Programme.id)
    )
    asked = asked.where(about).with_for_update(of=Programme, read=True)
    found = session.execute(asked).first()
    if found and (found.close_decided_at is not None or found.state in ENDED):
        raise Problem(code)


def withdraw_all(
    session: Session, person_id: UUID, states: Collection[ActionState], now: datetime
) -> int:
    """A person leaves: their deeds in these states are withdrawn and what they had reserved is
    free again; how many."""
    query = select(col(Action.id)).where(
        col(Action.person_id) == person_id, col(Action.state).in_(states)
    )
    ids = session.scalars(query.order_by(col(Action.id))).all()
    locked = [log.lock_action(session, action_id) for action_id in ids]
    left = [one for one in locked if one.state in states]  # or went into a batch meanwhile
    _money().give_all_back(session, left)
    for action in left:
        log.change(session, action, now=now, ending=Ending.WITHDRAWN, reason="account-closed")
    session.flush()
    return len(left)


def _money() -> Money:
    return Money(catalogue())
