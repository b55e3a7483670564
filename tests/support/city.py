"""A small city for actions: a funded programme, citizens, an attester with a certified clerk,
a partner. Keys are real; what only the chain can say (token made, funding final) is written."""

from __future__ import annotations

import itertools
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions import attestation, keys
from app.actions.attestation import Signed
from app.actions.models import Action, Visit
from app.actions.recording import Deed
from app.actions.telling import new_nonce
from app.actions.told import NOTHING, Told
from app.chain import typed
from app.db import uuid7
from app.identity import service as identity
from app.identity.ages import AgeBand
from app.identity.models import (
    IdentityLevel,
    KeyCustody,
    Organisation,
    OrganisationKind,
    Person,
    Role,
)
from app.impact.catalogue import catalogue
from app.rewards.models import Funding, Programme, ProgrammeState
from app.rewards.programmes import NewProgramme, Two, create_programme
from app.rewards.valuing import deeds

DOMAIN = typed.Domain(typed.ATTESTERS, 31337, typed.address_of(b"\x08" * 32), b"\x05" * 32)
RULES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "rules_version_1.json").read_text("utf-8")
)
_numbers = itertools.count(1)


class Wallets:
    """Stands where the signer process makes custodial keys."""

    def new_account(self) -> str:
        return typed.address_of(typed.new_key())


@dataclass
class Clerk:
    """A person with a certified key in the browser."""

    person_id: UUID
    organisation: Organisation
    key: bytes


@dataclass
class City:
    """Makes what a test asks for; everything is flushed, nothing committed."""

    session: Session
    now: datetime
    wallets: Wallets = field(default_factory=Wallets)
    organisation_keys: dict[UUID, bytes] = field(default_factory=dict)

    def programme(self, *, funded: int = 100_000, rules: Any = None, **options: Any) -> Programme:
        new = NewProgramme(
            slug=f"season-{next(_numbers)}-{uuid7().hex[-6:]}",
            name={"fr": "Saison", "en": "Season"},
            token_symbol="JET",
            first_day=(self.now - timedelta(days=200)).date(),
            last_day_to_earn=(self.now + timedelta(days=90)).date(),
            last_day_to_spend=(self.now + timedelta(days=180)).date(),
            rules=rules or RULES,
            options=options,
        )
        made = create_programme(self.session, new, catalogue=catalogue(), by=Two(), now=self.now)
        made.state = ProgrammeState.RUNNING
        if funded:
            self.fund(made, funded)
        self.session.flush()
        return made

    def fund(self, programme: Programme, cents: int) -> None:
        """As the indexer leaves it."""
        funding = Funding(
            programme_id=programme.id,
            amount_cents=cents,
            bank_reference=uuid7().hex,
            proposed_by=uuid7(),
            proposed_at=self.now,
            confirmed_by=uuid7(),
            confirmed_at=self.now,
            final_at=self.now,
        )
        self.session.add(funding)
        self.session.flush()

    def citizen(self, level: IdentityLevel = IdentityLevel.VERIFIED) -> Person:
        """An adult: nobody else's yes is needed."""
        made = identity.register_person(self.session, None, level=level, now=self.now)
        made.age_band = AgeBand.ADULT
        self.session.flush()
        return made

    def organisation(self, kind: OrganisationKind = OrganisationKind.ATTESTER) -> Organisation:
        """With a key in its administrator's browser, known to the chain."""
        made = identity.create_organisation(
            self.session,
            slug=f"body-{next(_numbers)}-{uuid7().hex[-6:]}",
            kind=kind,
            name="Déchèterie",
            now=self.now,
            district="Nord",
        )
        key = typed.new_key()
        self.organisation_keys[made.id] = key
        return identity.set_organisation_key(
            self.session,
            made.id,
            address=typed.address_of(key),
            custody=KeyCustody.BROWSER,
            valid_from=self.now - timedelta(days=1),
            valid_until=self.now + timedelta(days=365),
        )

    def clerk(self, organisation: Organisation, scope: tuple[str, ...] = ()) -> Clerk:
        person, key = self.citizen(), typed.new_key()
        identity.grant_role(
            self.session,
            person_id=person.id,
            role=Role.ATTESTER,
            now=self.now,
            organisation_id=organisation.id,
        )
        asked = keys.ask_key(
            self.session,
            organisation=organisation,
            person_id=person.id,
            address=typed.address_of(key),
            scope=scope,
            now=self.now,
        )
        certificate = keys.certificate_of(asked, organisation)
        digest = typed.key_certificate_digest(DOMAIN, certificate)
        keys.certify_key(
            self.session,
            address=asked.address,
            organisation=organisation,
            signature=typed.sign(digest, self.organisation_keys[organisation.id]),
            domain=DOMAIN,
            now=self.now,
        )
        return Clerk(person.id, organisation, key)

    def visit(self, clerk: Clerk, person_id: UUID, programme: Programme) -> Visit:
        return attestation.open_visit(
            self.session,
            person_id=person_id,
            organisation=clerk.organisation,
            clerk_id=clerk.person_id,
            programme_id=programme.id,
            now=self.now,
        )

    def statement(
        self, clerk: Clerk, visit: Visit, programme: Programme, **changes: Any
    ) -> typed.Attestation:
        """2 kg of glass, now, unless changed."""
        said = {
            "programme_id": programme.chain_id,
            "attester": clerk.organisation.key_address,
            "subject": visit.subject,
            "action_type_id": catalogue().action_type("glass-recycling").number,
            "action_type_version": 1,
            "quantity": 2000,
            "deed_at": int(self.now.timestamp()),
            "nonce": secrets.token_bytes(32),
        }
        return typed.Attestation(**{**said, **changes})

    def attest(
        self,
        clerk: Clerk,
        person_id: UUID,
        programme: Programme,
        *,
        key: bytes | None = None,
        confirmed: bool = False,
        now: datetime | None = None,
        told: Told = NOTHING,
        **changes: Any,
    ) -> Action:
        """The whole way: a visit, a signed statement, a recorded deed."""
        visit = self.visit(clerk, person_id, programme)
        changes = {"nonce": new_nonce(told), **changes}
        struct = self.statement(clerk, visit, programme, **changes)
        signature = typed.sign(typed.attestation_digest(DOMAIN, struct), key or clerk.key)
        signed = Signed(struct, signature)
        return self.submit(clerk, signed, confirmed=confirmed, now=now, told=told)

    def submit(
        self,
        clerk: Clerk,
        signed: Signed[typed.Attestation],
        *,
        confirmed: bool = False,
        now: datetime | None = None,
        told: Told = NOTHING,
    ) -> Action:
        return deeds.attest(
            self.session,
            signed,
            organisation_id=clerk.organisation.id,
            clerk_id=clerk.person_id,
            confirmed_unusual=confirmed,
            domain=DOMAIN,
            wallets=self.wallets,
            now=now or self.now,
            told=told,
        )

    def declare(self, person_id: UUID, programme: Programme, **changes: Any) -> Action:
        deed = {"action_type": "bike-trip", "quantity": 3000, "deed_at": self.now, **changes}
        return deeds.declare(
            self.session,
            Deed(**deed),
            person_id=person_id,
            programme_id=programme.id,
            wallets=self.wallets,
            now=self.now,
        )
