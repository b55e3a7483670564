"""The first officer's part: who stands at the counter, and how they are to be reached."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import city_day
from app.db import uuid7
from app.errors import NotFound, Problem
from app.identity import people
from app.identity import service as identity
from app.identity.models import Account, Person, WalletKind
from app.identity.presence import person_by_number
from app.privacy.service import Actor, Ref, open_sealed, seal
from app.recovery import address_codes, chain, rules
from app.recovery.cases import fail
from app.recovery.models import OPEN, DeathPaper, Recovery, RecoveryKind, RecoveryState, Seen
from app.recovery.move_checks import awaited
from app.recovery.moves import check_not_moving

PURPOSE = "recovery"


def known_person(session: Session, known_by: str) -> Person:
    """By e-mail address, or by the eight digits of a counter. Raises recovery-person-unknown."""
    if "@" in known_by:
        found = identity.person_by_email(session, known_by)
    else:
        found = person_by_number(session, known_by)
    if found is None or found.closed_at is not None:
        raise Problem("recovery-person-unknown", field="known_by")
    return found


def propose_address(
    session: Session, *, known_by: str, email: str, seen: Seen, by: UUID, now: datetime
) -> Recovery:
    """Another e-mail address to sign in with, where a code goes. Nothing changes yet."""
    person = known_person(session, known_by)
    if identity.person_by_email(session, email) is not None:
        raise Problem("recovery-address-taken", field="email")
    case = _case(person, RecoveryKind.ADDRESS, seen, by, now)
    place, plain = _place(case.id), people.normal_email(email)
    case.email_sealed = seal(session, person.id, place, plain)
    address_codes.send_code(session, case, plain, person.language, now)
    return _proposed(session, case, now)


def propose_device(
    session: Session,
    *,
    known_by: str,
    programme_id: UUID,
    new_address: str,
    seen: Seen,
    by: UUID,
    now: datetime,
) -> Recovery:
    """A new account on the chain in the place of one whose device is lost."""
    person = known_person(session, known_by)
    account = identity.find_account(session, person.id, programme_id)
    if account is None:
        raise NotFound
    if account.wallet is not WalletKind.DEVICE:
        raise Problem("recovery-no-device", field="programme_id")
    check_not_moving(session, person.id)
    somebodys = exists().where(col(Account.address) == new_address)
    if session.scalar(select(somebodys | awaited(new_address, account, now))):
        raise Problem("recovery-account-used", field="new_address")
    case = _case(person, RecoveryKind.DEVICE, seen, by, now)
    case.account_id, case.new_address = account.id, new_address
    _proposed(session, case, now)
    chain.tell_proposed(session, case, now)
    return case


def propose_death(
    session: Session, person: Person, *, paper: DeathPaper, paper_on: date, by: UUID, now: datetime
) -> Recovery:
    """Of somebody whose proof of death this officer has seen; what it is, and of which day."""
    if paper_on > city_day(session, now):
        raise Problem("death-paper-day", field="paper_on")
    case = _case(person, RecoveryKind.DEATH, Seen.PAPERS, by, now)
    case.paper, case.paper_on = paper, paper_on
    return _proposed(session, case, now)


def new_email(session: Session, case: Recovery, actor: Actor) -> str | None:
    """The address that the person shall have, through gate and log."""
    if case.email_sealed is None:
        return None
    place = _place(case.id)
    return open_sealed(
        session, case.person_id, place, case.email_sealed, purpose=PURPOSE, actor=actor
    )


def old_email(session: Session, case: Recovery, actor: Actor) -> str | None:
    return identity.email_of(session, case.person_id, purpose=PURPOSE, actor=actor)


def _case(person: Person, kind: RecoveryKind, seen: Seen, by: UUID, now: datetime) -> Recovery:
    return Recovery(
        id=uuid7(),
        person_id=person.id,
        kind=kind,
        state=RecoveryState.PROPOSED,
        seen=seen,
        proposed_by=by,
        proposed_at=now,
        ends_at=now + rules.NOTICE,
    )


def _proposed(session: Session, case: Recovery, now: datetime) -> Recovery:
    rules.check_other({case.person_id}, case.proposed_by)
    _close_lapsed(session, case, now)
    session.add(case)
    session.flush()
    return case


def _close_lapsed(session: Session, new: Recovery, now: datetime) -> None:
    """What ran out makes room, whether or not the round has been by. Raises recovery-open."""
    same = col(Recovery.account_id).is_not_distinct_from(new.account_id)
    query = select(Recovery).where(
        col(Recovery.person_id) == new.person_id,
        col(Recovery.kind) == new.kind,
        same,
        col(Recovery.state).in_(OPEN),
    )
    for case in session.scalars(query.with_for_update()):
        if now < case.ends_at:
            raise Problem("recovery-open")
        fail(session, case, now)


def _place(case_id: UUID) -> Ref:
    return Ref("recovery", "email_sealed", case_id)
