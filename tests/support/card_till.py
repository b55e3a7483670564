"""A city with a till and an active card that holds ten tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from app.chain.signer import SignerClient
from app.config import DatabaseRole
from app.db import Database
from app.identity import service as identity
from app.identity.cards.models import CardSecret
from app.identity.models import Account
from app.rewards.money.ledger import available
from app.services import Services
from tests.support.cards import PIN, Held, printed
from tests.support.paying import City, paying_city
from tests.support.shop import Shop

HAS = 1000


@dataclass
class Till:
    """A city with an active card that holds ten tokens."""

    city: City
    card: Held
    account: Account
    visit: str

    @property
    def shop(self) -> UUID:
        return self.city.world.shop.organisation_id

    @property
    def services(self) -> Services:
        return self.city.world.services

    def charge(self, asked: str, who: str = "till", key: str = "", **said: str) -> tuple[int, Any]:
        body = {"card_number": self.card.number, "pin": PIN} | said
        answer = self.city.call(who, "POST", f"/payments/{asked}/card-charge", body, key)
        return answer.status_code, answer.get_json()

    def paid(self, cents: int = 320) -> str:
        """A settled charge."""
        asked = str(self.city.ask(cents)["id"])
        status, answer = self.charge(asked)
        assert status == 200, answer
        self.city.settle(asked)
        return asked

    def settle_pin(self, by: UUID) -> None:
        """Its PIN was set three days ago, before this officer."""
        owner = Database(self.services.settings.database_url(DatabaseRole.MIGRATOR), name="tests")
        with owner.transaction() as session:
            earlier = {
                "pin_set_by": by,
                "pin_set_at": col(CardSecret.pin_set_at) - timedelta(days=3),
            }
            mine = col(CardSecret.person_id) == self.card.person_id
            session.execute(update(CardSecret).where(mine).values(earlier))
        owner.dispose()

    def left(self) -> int:
        with self.services.database.session() as session:
            return available(session, self.account.address)


@contextmanager
def card_till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with paying_city(services, signer) as city:
        [card] = printed(services, signer)
        with services.database.transaction() as session:
            now = services.clock.now(session)
            account = identity.account_for(
                session, card.person_id, city.world.programme.id, signer=signer, now=now
            )
            Shop(session, now).balance(account.address, city.world.programme, HAS)
        visit = city.post(
            "officer", "/counter/visits/by-card", {"card_number": card.number}, status=201
        )["id"]
        city.post("officer", f"/counter/visits/{visit}/pin", {"pin": PIN})
        yield Till(city, card, account, visit)
