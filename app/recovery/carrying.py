"""What happens by itself: a recovery whose 72 hours are over is done, one that ran out has failed.

Of a device's account the chain does it: the acceptor names the sum of holds, which stays for the
payees, and signs; the signer looks for itself whether the case stands so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.identity import people
from app.identity.cards.service import block_rows
from app.identity.letter_links import end_links
from app.identity.models import Account
from app.identity.people import person
from app.identity.sessions import end_sessions
from app.privacy.service import Actor
from app.recovery import chain, letters
from app.recovery.cases import fail, finish
from app.recovery.models import OPEN, Recovery, RecoveryKind, RecoveryState
from app.recovery.proposing import new_email, old_email
from app.rewards.money import ledger

_SYSTEM = Actor.system("recovery")
_RIPE = (RecoveryState.CONFIRMED, RecoveryState.APPROVED)


class Acceptor(Protocol):
    """What this needs of the signer process: app.chain.signer.SignerClient."""

    def release(self, case_id: UUID, holds: int) -> bytes: ...
    def end_recovered_cards(self, case_id: UUID) -> None: ...


def carry_out_next(session: Session, acceptor: Acceptor, now: datetime, tried: set[UUID]) -> bool:
    """One case that has something to be done and was not `tried` in this round, which it is then,
    in the caller's transaction; whether there was."""
    ripe = col(Recovery.state).in_(_RIPE) & (col(Recovery.ready_at) <= now)
    query = (
        select(Recovery)
        .where(
            col(Recovery.state).in_(OPEN),
            col(Recovery.kind) != RecoveryKind.DEATH,  # app.rights.deaths closes the account
            col(Recovery.released_at).is_(None),
            col(Recovery.id).not_in(tried),
            ripe | (col(Recovery.ends_at) <= now),
        )
        .order_by(col(Recovery.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    case = session.scalars(query.execution_options(populate_existing=True)).first()
    if case is None:
        return False
    tried.add(case.id)
    if now >= case.ends_at:
        fail(session, case, now)
    elif case.kind is RecoveryKind.ADDRESS:
        _change_address(session, case, acceptor, now)
    else:
        _release(session, case, acceptor, now)
    return True


def _change_address(session: Session, case: Recovery, acceptor: Acceptor, now: datetime) -> None:
    """From now on the new address lets in, and nothing else that did before."""
    old, new = old_email(session, case, _SYSTEM), new_email(session, case, _SYSTEM)
    if new is None or _is_anothers(session, new, case.person_id):
        fail(session, case, now)
        return
    people.change_email(session, case.person_id, new)
    journal.note(session, journal.ADDRESS_CHANGED, now, person=case.person_id, case=case.id)
    acceptor.end_recovered_cards(case.id)
    block_rows(session, case.person_id, by=None, now=now)
    end_sessions(session, case.person_id, now)
    end_links(session, case.person_id, now)
    finish(session, case, now)
    language = person(session, case.person_id).language
    for address in {old, new} - {None}:
        letters.write(session, str(address), language, letters.DONE, now)


def _is_anothers(session: Session, email: str, person_id: UUID) -> bool:
    found = people.person_by_email(session, email)
    return found is not None and found.id != person_id


def _release(session: Session, case: Recovery, acceptor: Acceptor, now: datetime) -> None:
    account = session.get_one(Account, case.account_id)
    ledger.lock_account(session, account.address, account.programme_id)
    holds = ledger.held(session, account.address, account.programme_id)
    chain.tell_released(session, case, holds, acceptor.release(case.id, holds), now)
    case.released_at = now
    session.flush()
