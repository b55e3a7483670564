"""The journal's ends and erasures, done again in a database that has forgotten them.

Whatever is done already stays as it is. An entry whose transaction may not have committed is done
too where it only stops something; an erasure can't be undone, so such a one is told to the
operator. What the books don't know any more needs no end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app import journal
from app.actions.models import AttesterKey
from app.identity.block_models import BlockChannel, WalletBlock
from app.identity.cards.models import LIVE, Card, CardState
from app.identity.mandates.models import Mandate, StepKind
from app.identity.mandates.queries import DONE, has_step
from app.identity.mandates.service import add_step
from app.identity.models import Person, RoleGrant
from app.identity.passkeys.models import Passkey
from app.journal import Entry, Reading
from app.privacy.consent_steps import move
from app.privacy.models import Consent, Subject
from app.privacy.rules import ConsentState, Step
from app.privacy.service import erase_subject
from app.rights.erasing import erase_again

BY = "system:restore"


@dataclass
class Replayed:
    """`done` by kind; `unsure`: erasures that only the operator can judge."""

    done: Counter[str] = field(default_factory=Counter)
    unsure: list[str] = field(default_factory=list)


def replay(session: Session, reading: Reading, now: datetime) -> Replayed:
    """In the journal's order. Never commits."""
    replayed = Replayed()
    for entry in reading.entries:
        again = _AGAIN.get(entry.kind)
        if again is None:
            continue
        if entry.kind == journal.ERASED and not entry.done:
            if not _is_erased(session, entry):
                replayed.unsure.append(entry.ids["subject"])
        elif again(session, entry, now):
            replayed.done[entry.kind] += 1
        session.flush()
    return replayed


def _is_erased(session: Session, entry: Entry) -> bool:
    subject = session.get(Subject, UUID(entry.ids["subject"]))
    return subject is None or subject.erased_at is not None


def _erased(session: Session, entry: Entry, now: datetime) -> bool:
    if _is_erased(session, entry):
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


def _card_blocked(session: Session, entry: Entry, _now: datetime) -> bool:
    card = session.get(Card, UUID(entry.ids["card"]), with_for_update=True)
    if card is None or card.state not in LIVE:
        return False
    card.state, card.ended_at = CardState.BLOCKED, entry.at
    return True


def _passkey_removed(session: Session, entry: Entry, _now: datetime) -> bool:
    passkey = session.get(Passkey, UUID(entry.ids["passkey"]), with_for_update=True)
    if passkey is None:
        return False
    session.delete(passkey)
    return True


def _key_revoked(session: Session, entry: Entry, _now: datetime) -> bool:
    key = session.get(AttesterKey, entry.ids["address"], with_for_update=True)
    if key is None or key.revoked_at is not None:
        return False
    key.revoked_at, key.revoked_for_cause = entry.at, "for_cause" in entry.ids
    return True


def _mandate_ended(session: Session, entry: Entry, now: datetime) -> bool:
    mandate = UUID(entry.ids["mandate"])
    if session.get(Mandate, mandate) is None or has_step(session, mandate, *DONE):
        return False
    add_step(session, mandate, StepKind.ENDED, by=None, now=now)
    return True


_AGAIN: dict[str, Callable[[Session, Entry, datetime], bool]] = {
    journal.ERASED: _erased,
    journal.CONSENT_WITHDRAWN: _withdrawn,
    journal.ROLE_ENDED: _role_ended,
    journal.WALLET_BLOCKED: _blocked,
    journal.WALLET_UNBLOCKED: _unblocked,
    journal.CARD_BLOCKED: _card_blocked,
    journal.PASSKEY_REMOVED: _passkey_removed,
    journal.KEY_REVOKED: _key_revoked,
    journal.MANDATE_ENDED: _mandate_ended,
}
