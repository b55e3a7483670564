"""How each end that the journal holds is done again: whether there was anything to do.

What the books have done already stays as it is; what they don't know any more needs no end.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.actions.models import RiderLink
from app.backup import ends_of_keys, ends_of_money
from app.backup.ends_of_keys import End
from app.identity.block_models import BlockChannel, WalletBlock
from app.identity.letter_links import end_links
from app.identity.mandates.models import Mandate, StepKind
from app.identity.mandates.queries import DONE, has_step
from app.identity.mandates.service import add_step
from app.identity.models import Person, RoleGrant
from app.identity.people import forget_keys
from app.journal import Entry
from app.privacy.consent_steps import move
from app.privacy.halt_models import Halt
from app.privacy.models import Consent, Subject
from app.privacy.rules import ConsentState, Step
from app.privacy.service import erase_subject
from app.recovery.models import Recovery, RecoveryState
from app.restoration_models import Restoration
from app.rights.erasing import erase_again

BY = "system:restore"


def is_erased(session: Session, entry: Entry) -> bool:
    subject = session.get(Subject, UUID(entry.ids["subject"]))
    return subject is None or subject.erased_at is not None


def _erased(session: Session, entry: Entry, now: datetime) -> bool:
    if is_erased(session, entry):
        return False
    subject = UUID(entry.ids["subject"])
    person = session.get(Person, subject)
    if person is not None and person.closed_at is None:
        erase_again(session, subject, now)
    else:
        erase_subject(session, subject, now)
    return True


def _withdrawn(session: Session, entry: Entry, now: datetime) -> bool:
    consent = session.get(Consent, UUID(entry.ids["consent"]), with_for_update=True)
    if consent is None or consent.state is not ConsentState.GIVEN:
        return False
    move(session, consent, Step.WITHDRAW, now, by=BY)
    return True


def _role_ended(session: Session, entry: Entry, _now: datetime) -> bool:
    grant = session.get(RoleGrant, UUID(entry.ids["grant"]), with_for_update=True)
    if grant is None or (grant.valid_until is not None and grant.valid_until <= entry.at):
        return False
    grant.valid_until = entry.at
    return True


def _blocked(session: Session, entry: Entry, _now: datetime) -> bool:
    ids = entry.ids
    until = datetime.fromisoformat(ids["until"])
    block = session.get(WalletBlock, UUID(ids["block"]), with_for_update=True)
    if block is not None:
        longer = until > block.until
        block.until = max(block.until, until)
        return longer
    if session.get(Person, UUID(ids["person"])) is None:
        return False
    session.add(
        WalletBlock(
            id=UUID(ids["block"]),
            person_id=UUID(ids["person"]),
            channel=BlockChannel(ids["channel"]),
            since=datetime.fromisoformat(ids["since"]),
            until=until,
            about=UUID(ids["about"]) if "about" in ids else None,
        )
    )
    return True


def _unblocked(session: Session, entry: Entry, _now: datetime) -> bool:
    """Only where that is certain: a block that stays too long ends by itself."""
    block = session.get(WalletBlock, UUID(entry.ids["block"]), with_for_update=True)
    if block is None or block.lifted_at is not None or not entry.done:
        return False
    block.lifted_at = entry.at
    return True


def _mandate_ended(session: Session, entry: Entry, now: datetime) -> bool:
    mandate = UUID(entry.ids["mandate"])
    if session.get(Mandate, mandate) is None or has_step(session, mandate, *DONE):
        return False
    add_step(session, mandate, StepKind.ENDED, by=None, now=now)
    return True


def _address_changed(session: Session, entry: Entry, now: datetime) -> bool:
    """Whoever has the earlier mailbox is kept out. A case that the books know is carried out again
    by itself; else the person says the new address at a counter."""
    person = session.get(Person, UUID(entry.ids["person"]), with_for_update=True)
    case = session.get(Recovery, UUID(entry.ids["case"]))
    if person is None or (case is not None and case.state is RecoveryState.DONE):
        return False
    since = select(Restoration).where(col(Restoration.opened_at) > entry.at)
    if session.scalars(since).first() is not None:
        return False  # it was done again then, and the person may have come since
    known = person.email_lookup is not None
    person.email_lookup = person.email_sealed = None
    forget_keys(session, person.id)
    end_links(session, person.id, now)
    return known


def _rider_link_ended(session: Session, entry: Entry, _now: datetime) -> bool:
    link = session.get(RiderLink, UUID(entry.ids["link"]), with_for_update=True)
    if link is None or link.revoked_at is not None:
        return False
    link.revoked_at = entry.at
    return True


def _halted(session: Session, entry: Entry, _now: datetime) -> bool:
    """Not where the books know it: it may have been lifted since."""
    subject, purpose = UUID(entry.ids["subject"]), entry.ids.get("purpose")
    same = (col(Halt.subject_id) == subject, col(Halt.purpose).is_not_distinct_from(purpose))
    known = (col(Halt.since) == entry.at) | col(Halt.ended_at).is_(None)
    if session.get(Subject, subject) is None or session.scalar(select(Halt).where(*same, known)):
        return False
    session.add(Halt(subject_id=subject, purpose=purpose, since=entry.at))
    return True


def _resumed(session: Session, entry: Entry, _now: datetime) -> bool:
    """Only where that is certain."""
    query = select(Halt).where(
        col(Halt.subject_id) == UUID(entry.ids["subject"]),
        col(Halt.purpose).is_not_distinct_from(entry.ids.get("purpose")),
        col(Halt.since) <= entry.at,
        col(Halt.ended_at).is_(None),
    )
    row = session.scalar(query.with_for_update())
    if row is None or not entry.done:
        return False
    row.ended_at = entry.at
    return True


AGAIN: Mapping[str, End] = {
    **ends_of_keys.AGAIN,
    **ends_of_money.AGAIN,
    journal.ERASED: _erased,
    journal.CONSENT_WITHDRAWN: _withdrawn,
    journal.ROLE_ENDED: _role_ended,
    journal.WALLET_BLOCKED: _blocked,
    journal.WALLET_UNBLOCKED: _unblocked,
    journal.MANDATE_ENDED: _mandate_ended,
    journal.ADDRESS_CHANGED: _address_changed,
    journal.RIDER_LINK_ENDED: _rider_link_ended,
    journal.USE_HALTED: _halted,
    journal.USE_RESUMED: _resumed,
}
