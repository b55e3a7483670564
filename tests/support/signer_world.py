"""Two citizens with an account each and one shop, committed, beside a running signer."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.chain import typed
from app.chain.signer import SignerClient
from app.errors import Problem
from app.identity import service as identity
from app.identity.models import Account, IdentityLevel, KeyCustody, OrganisationKind
from app.merchants.models import Merchant, PayeeState
from app.privacy.service import create_subject
from app.rewards.models import Programme, ProgrammeState
from app.services import Services
from tests.support.signer import ADDRESSES, CHAIN_ID, GENESIS

DESK = typed.Domain(typed.DESK, CHAIN_ID, ADDRESSES["PaymentDesk"], GENESIS)
ATTESTERS = typed.Domain(typed.ATTESTERS, CHAIN_ID, ADDRESSES["Attesters"], GENESIS)


@dataclass
class World:
    """Two citizens with an account each, one shop; everything committed."""

    services: Services
    signer: SignerClient
    programme: Programme
    shop: Merchant
    mine: Account
    token: str
    other: Account

    def now(self) -> datetime:
        with self.services.database.session() as session:
            return self.services.clock.now(session)

    def order(self, **changes: object) -> typed.Order:
        until = int((self.now() + timedelta(minutes=5)).timestamp())
        order = typed.Order(
            payment_id=secrets.token_bytes(32),
            programme_id=self.programme.chain_id,
            payer=self.mine.address,
            payee=self.shop.address,
            amount=320,
            requested_until=until,
        )
        return dataclasses.replace(order, **changes)  # type: ignore[arg-type]

    def sign(self, order: typed.Order, token: str | None = None) -> bytes:
        return self.signer.for_session(token or self.token).sign_order(order)


def make_world(services: Services, signer: SignerClient) -> World:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        programme = _programme(session, now)
        mine, token = citizen(session, signer, programme.id, now)
        other, _ = citizen(session, signer, programme.id, now)
        shop = shop_of(session, signer, now)
    return World(services, signer, programme, shop, mine, token, other)


def _programme(session: Session, now: datetime) -> Programme:
    programme = Programme(
        chain_id=secrets.token_bytes(32),
        slug=f"season-{secrets.token_hex(4)}",
        name={"fr": "Saison", "en": "Season"},
        token_symbol="SEA",
        state=ProgrammeState.RUNNING,
        first_day=date(2026, 1, 1),
        last_day_to_earn=date(2026, 12, 31),
        last_day_to_spend=date(2027, 1, 31),
        created_at=now,
    )
    session.add(programme)
    session.flush()
    return programme


def citizen(
    session: Session, signer: SignerClient, programme_id: UUID, now: datetime
) -> tuple[Account, str]:
    person = identity.register_person(session, None, level=IdentityLevel.CONTACT, now=now)
    account = identity.account_for(session, person.id, programme_id, signer=signer, now=now)
    return account, identity.open_session(session, person.id, "api", now)


def shop_of(
    session: Session, signer: SignerClient, now: datetime, state: PayeeState = PayeeState.ACTIVE
) -> Merchant:
    organisation = identity.create_organisation(
        session,
        slug=f"shop-{secrets.token_hex(4)}",
        kind=OrganisationKind.MERCHANT,
        name="Shop",
        now=now,
    )
    shop = Merchant(
        organisation_id=organisation.id,
        subject_id=create_subject(session, now),
        address=signer.new_account(),
        custody=KeyCustody.SERVER,
        till_number=f"{secrets.randbelow(10**6):06d}",
        state=state,
        created_at=now,
        confirmed_at=now,
    )
    session.add(shop)
    session.flush()
    return shop


def code(call: Callable[[], object]) -> str:
    """The code of the problem that the call must end in."""
    with pytest.raises(Problem) as caught:
        call()
    return caught.value.code
