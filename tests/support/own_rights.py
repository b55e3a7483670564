"""What a person decided of their data and their wallet, and what an officer does for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.db import uuid7
from app.governance import emergencies
from app.governance.guardianships import NewGuardianship, propose_guardianship
from app.identity import counter
from app.identity import service as identity
from app.identity.block_models import BlockChannel, LinkKind
from app.identity.cards import service as cards
from app.identity.letter_links import make_link
from app.identity.mandates import service as mandates
from app.identity.mandates.models import Act, StepKind
from app.identity.mandates.service import Scope
from app.identity.models import IdentityLevel, Role
from app.identity.passkeys.models import Passkey
from app.identity.people import register_person
from app.merchants.contest_models import Contest, ContestReason, ContestState
from app.merchants.models import Payment
from app.privacy import consents
from app.privacy.notices import OPERATOR
from app.privacy.service import Ref, seal
from app.recovery.blocks import block_wallet
from app.recovery.models import Seen
from app.recovery.proposing import propose_address
from app.rights import requests
from app.rights.models import RequestKind

WORD = "Request-of-the-owner"
PASSKEY = "Passkey-of-the-owner"
REFERENCE = "Reference-of-the-court"
REPRESENTATIVE = "representative@belongings.example"
NEW_EMAIL = "new-owner@belongings.example"


@dataclass
class OwnRights:
    """Of `person`, known by `email`, with an officer who did their part."""

    session: Session
    now: datetime
    person: UUID
    email: str
    officer: UUID

    def all(self) -> dict[str, list[Any]]:
        """Ids by the name of a route's argument."""
        consent = consents.give_consent(self.session, self.person, "research", OPERATOR, self.now)
        asked = requests.ask(
            self.session, self.person, RequestKind.RECTIFICATION, text=WORD, now=self.now
        )
        acting = [self._guardianship(), self._mandate()]  # before the block, during which none is
        block = block_wallet(
            self.session, self.person, channel=BlockChannel.SESSION, by=None, now=self.now
        )
        case = propose_address(
            self.session, known_by=self.email, email=NEW_EMAIL, seen=Seen.PAPERS,
            by=self.officer, now=self.now,
        )  # fmt: skip
        batch = cards.make_batch(self.session, count=1, by=self.officer, now=self.now)
        visit = counter.visit_by_email(self.session, self.email, officer=self.officer, now=self.now)
        token = make_link(self.session, self.person, LinkKind.BLOCK, self.now)
        return {
            "token": [token],
            "consent_id": [consent.id], "request_id": [asked.id], "block_id": [block.id],
            "emergency_id": [self._emergency()],
            "case_id": [case.id], "batch_id": [batch.id], "visit_id": [visit.id],
            "passkey_id": [self._passkey()], "contest_id": [self._contest()],
            "mandate_id": acting,
        }  # fmt: skip

    def _emergency(self) -> UUID:
        """An officer's own, opened and ended."""
        now, by = (
            self.now,
            register_person(self.session, None, level=IdentityLevel.CONTACT, now=self.now).id,
        )
        identity.grant_role(self.session, person_id=by, role=Role.OFFICER, now=now)
        made = emergencies.open_access(self.session, by, hours=1, reason=WORD, now=now)
        emergencies.end_access(self.session, made.id, by=by, now=now)
        return made.id

    def _mandate(self) -> UUID:
        """Named, and accepted."""
        scope = Scope(frozenset(Act), self.now + timedelta(days=30), 1000)
        made = mandates.offer(self.session, self.person, REPRESENTATIVE, scope, now=self.now)
        mandates.accept(self.session, made.id, by=made.representative_id, now=self.now)
        return made.id

    def _guardianship(self) -> UUID:
        """With a reference; the second officer's yes is all that a stranger's try may meet."""
        scope = Scope(frozenset({Act.SEE}), self.now + timedelta(days=30))
        level = IdentityLevel.CONTACT
        register_person(self.session, REPRESENTATIVE, level=level, now=self.now)
        new = NewGuardianship(self.email, REPRESENTATIVE, scope, REFERENCE)
        made = propose_guardianship(self.session, new, by=self.officer, now=self.now)
        mandate, by = UUID(made.subject), uuid7()
        mandates.add_step(self.session, mandate, StepKind.ACCEPTED, by=by, now=self.now)
        return mandate

    def _passkey(self) -> UUID:
        made = uuid7()
        sealed = seal(self.session, self.person, Ref("passkey", "name_sealed", made), PASSKEY)
        self.session.add(
            Passkey(
                id=made, person_id=self.person, credential_id=made.bytes, public_key=b"k",
                sign_count=0, name_sealed=sealed, created_at=self.now,
            )
        )  # fmt: skip
        return made

    def _contest(self) -> UUID:
        paid = self.session.scalars(select(Payment).where(col(Payment.payer_id) == self.person))
        made = Contest(
            payment_id=next(iter(paid)).id, reason=ContestReason.NOT_MINE,
            state=ContestState.OPEN, opened_at=self.now,
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        return made.id
