"""A small world for payments: people with tokens, shops, and a holder of real keys.

`Keys` signs with the curve as the signer process does, without its checks of sessions and
ceilings; balances are written as the indexer would.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.chain import typed
from app.db import uuid7
from app.identity.models import (
    Account,
    IdentityLevel,
    Organisation,
    OrganisationKind,
    Person,
    WalletKind,
)
from app.merchants.models import Merchant, PayeeState
from app.merchants.registration import (
    NewMerchant,
    confirm_merchant,
    details_to_confirm,
    propose_merchant,
    take_programme,
)
from app.merchants.signing import Desk, Payer
from app.privacy.service import create_subject
from app.rewards.models import Balance, Programme, ProgrammeState
from app.rewards.money import ledger

IBAN = "FR7630006000011234567890189"
DOMAIN = typed.Domain(typed.DESK, 31337, typed.address_of(b"\x09" * 32), b"\x05" * 32)
_Row = TypeVar("_Row")
_numbers = itertools.count(1)


class Keys:
    """Holds keys and signs with them; `countersigned` is what the acceptor signed."""

    def __init__(self, domain: typed.Domain = DOMAIN, acceptor: bytes | None = None) -> None:
        self.domain = domain
        self.keys: dict[str, bytes] = {}
        self.acceptor = acceptor or typed.new_key()
        self.countersigned: list[bytes] = []

    def new_account(self) -> str:
        key = typed.new_key()
        self.keys[typed.address_of(key)] = key
        return typed.address_of(key)

    def sign_order(self, order: typed.Order, *, session_id: UUID) -> bytes:  # noqa: ARG002
        return typed.sign(typed.order_digest(self.domain, order), self.keys[order.payer])

    def sign_order_for(self, order: typed.Order, **_right: UUID) -> bytes:
        return typed.sign(typed.order_digest(self.domain, order), self.keys[order.payer])

    def sign_card_order(self, order: typed.Order, *, number: str, pin: str) -> bytes:  # noqa: ARG002
        return typed.sign(typed.order_digest(self.domain, order), self.keys[order.payer])

    def sign_card_gift(self, order: typed.Order, *, number: str, pin: str) -> bytes:
        return self.sign_card_order(order, number=number, pin=pin)

    def sign_refund(
        self,
        refund: typed.Refund,
        *,
        desk: str,
        session_id: UUID | None,  # noqa: ARG002
    ) -> bytes:
        named = replace(self.domain, contract=desk)
        return typed.sign(typed.refund_digest(named, refund), self.keys[refund.payee])

    def countersign(self, digest: bytes, *, desk: str) -> bytes:
        self.countersigned.append(digest)
        named = replace(self.domain, contract=desk)
        return typed.sign(typed.acceptance_digest(named, digest), self.acceptor)


@dataclass
class Shop:
    """Makes what a test asks for; everything is flushed, nothing committed."""

    session: Session
    now: datetime
    keys: Keys = field(default_factory=Keys)

    @property
    def desk(self) -> Desk:
        return Desk(self.keys.domain, self.keys)

    def programme(self, *, last_day: date | None = None) -> Programme:
        last = last_day or (self.now + timedelta(days=90)).date()
        number = next(_numbers)
        programme = Programme(
            chain_id=typed.keccak(uuid7().bytes),
            slug=f"programme-{number}-{uuid7().hex[-6:]}",
            name={"fr": f"Programme {number}", "en": f"Programme {number}"},
            token_symbol="JET",
            state=ProgrammeState.RUNNING,
            first_day=date(2026, 1, 1),
            last_day_to_earn=last,
            last_day_to_spend=last,
            created_at=self.now,
        )
        return self._kept(programme)

    def payer(self) -> Payer:
        subject = create_subject(self.session, self.now)
        person = Person(
            id=subject, identity_level=IdentityLevel.CONTACT, created_at=self.now, simulated=True
        )
        return Payer(self._kept(person).id, uuid7())

    def give(
        self, payer: Payer, programme: Programme, cents: int, *, key: bytes | None = None
    ) -> Account:
        """An account with a final balance; on the payer's device when its key is given."""
        address = typed.address_of(key) if key else self.keys.new_account()
        account = Account(
            person_id=payer.person_id,
            programme_id=programme.id,
            address=address,
            wallet=WalletKind.DEVICE if key else WalletKind.CUSTODIAL,
            created_at=self.now,
        )
        self._kept(account)
        self.balance(address, programme, cents)
        return account

    def balance(self, address: str, programme: Programme, change: int) -> int:
        """What the indexer would write: the final balance moves."""
        ledger.lock_account(self.session, address, programme.id)
        key = (address, programme.chain_id)
        row = self.session.get_one(Balance, key, populate_existing=True)
        row.final_cents += change
        self.session.flush()
        return row.final_cents

    def merchant(self, *programmes: Programme, fee: int = 0) -> Merchant:
        """Registered by two officers, and active as if the chain had said so."""
        organisation = Organisation(
            slug=f"shop-{uuid7().hex[-8:]}",
            kind=OrganisationKind.MERCHANT,
            name="Boulangerie",
            created_at=self.now,
        )
        merchant_id = self._kept(organisation).id
        entry = NewMerchant(merchant_id, "Boulangerie", IBAN, [p.id for p in programmes], fee)
        propose_merchant(self.session, entry, signer=self.keys, by=uuid7(), now=self.now)
        seen = details_to_confirm(self.session, merchant_id).id
        merchant = confirm_merchant(
            self.session, merchant_id=merchant_id, by=uuid7(), now=self.now, seen=seen
        )
        merchant.state = PayeeState.ACTIVE
        self.session.flush()
        return merchant

    def takes(self, merchant: Merchant, programme: Programme) -> None:
        take_programme(
            self.session,
            merchant_id=merchant.organisation_id,
            programme_id=programme.id,
            by=None,
            now=self.now,
        )

    def _kept(self, row: _Row) -> _Row:
        self.session.add(row)
        self.session.flush()
        return row
