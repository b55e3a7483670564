"""One shop, one citizen with ten tokens and the city's staff, reached by API and pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import col
from werkzeug.test import TestResponse

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.models import IdentityLevel, Role
from app.merchants import settlement
from app.merchants.models import PaymentOrder
from app.services import Services
from tests.support.applications import application_with
from tests.support.shop import Shop
from tests.support.signer_world import World, make_world
from tests.support.staff import staff_session


@dataclass
class City:
    world: World
    client: FlaskClient
    tokens: dict[str, str]

    def call(
        self, who: str, method: str, path: str, body: Any = None, key: str = ""
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        if method == "POST":
            headers["Idempotency-Key"] = key or str(uuid4())
        return self.client.open("/api/v1" + path, method=method, json=body, headers=headers)

    def post(self, who: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = self.call(who, "POST", path, body)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json(silent=True)

    def get(self, who: str, path: str) -> Any:
        answer = self.call(who, "GET", path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def ask(self, cents: int) -> dict[str, Any]:
        asked: dict[str, Any] = self.post(
            "till", "/payments", {"amount_cents": cents, "label": "Pain"}, status=201
        )
        return asked

    def settle(self, payment_id: str) -> None:
        """What the indexer does when the chain has executed the orders."""
        with self.world.services.database.transaction() as session:
            now = self.world.services.clock.now(session)
            shop, programme = Shop(session, now), self.world.programme
            query = select(PaymentOrder).where(col(PaymentOrder.payment_id) == UUID(payment_id))
            for order in session.scalars(query):
                shop.balance(order.payer_address, programme, -order.amount_cents)
                shop.balance(order.payee_address, programme, order.amount_cents)
                settlement.order_executed(session, order.id, now)


@contextmanager
def paying_city(services: Services, signer: SignerClient) -> Iterator[City]:
    world = make_world(services, signer)
    with services.database.transaction() as session:
        now = services.clock.now(session)
        shop = Shop(session, now)
        shop.balance(world.mine.address, world.programme, 1000)
        shop.takes(world.shop, world.programme)
        tokens = {"citizen": world.token}
        for who, role, place in (
            ("till", Role.MERCHANT, world.shop.organisation_id),
            ("treasurer", Role.TREASURER, None),
            ("officer", Role.OFFICER, None),
            ("officer-2", Role.OFFICER, None),
        ):
            person = identity.register_person(session, None, level=IdentityLevel.CONTACT, now=now)
            identity.grant_role(
                session, person_id=person.id, role=role, organisation_id=place, now=now
            )
            tokens[who] = staff_session(session, person.id, now)
    application = application_with(services, signer)
    yield City(world, application.test_client(), tokens)
