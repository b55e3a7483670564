"""Slips of another time: of a desk that was replaced, and of a payer whom a loss took along."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.chain.deploying.generations import Generation
from app.chain.signer import SignerClient
from app.config import DatabaseRole
from app.merchants.again import order_about
from app.outbox.models import OutboxItem
from app.rewards.models import Hold
from app.services import Services
from tests.support.paying import City, paying_city
from tests.support.signer_world import DESK

ROW = "delete from outbox_item where key in (select encode(id, 'hex') from payment_order);"
PAYMENT = """
    delete from hold where reference in (select id from payment_order);
    delete from payment_order; delete from payment;
"""


@pytest.fixture
def city(services: Services, signer: SignerClient) -> Iterator[City]:
    with paying_city(services, signer) as made:
        yield made


@pytest.fixture
def slip(city: City) -> str:
    asked = city.ask(320)
    city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    return str(city.get("till", f"/payments/{asked['id']}/slip")["slip"])


def _forget(services: Services, what: str) -> None:
    url = services.settings.database_url(DatabaseRole.MIGRATOR).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute(what)


def test_it_counts_on_the_desk_that_it_names(city: City, services: Services, slip: str) -> None:
    _forget(services, ROW + PAYMENT)
    file = services.settings.deployment_file
    record, old = file.read_text("utf-8"), vars(Generation("PaymentDesk", DESK.contract, 1))
    stands = {**json.loads(record), "payment_desk": "0x" + "7" * 40, "others": [old]}
    try:
        file.write_text(json.dumps(stands), "utf-8")
        assert city.post("till", "/payments/slips", {"slip": slip})["state"] == "accepted"
    finally:
        file.write_text(record, "utf-8")
    with services.database.session() as session:
        held = select(func.sum(col(Hold.amount_cents))).where(col(Hold.ended_at).is_(None))
        assert session.scalar(held) == 320


def test_what_is_on_its_way_already_is_not_sent_again(
    city: City, services: Services, slip: str
) -> None:
    """A restore brought its row back, and no payment, since the books don't know who paid."""
    _forget(services, PAYMENT)
    refused = city.call("till", "POST", "/payments/slips", {"slip": slip})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "slip-unreadable")
    with services.database.session() as session:
        rows = select(OutboxItem).where(col(OutboxItem.kind) == "settle_orders")
        newest = session.scalars(rows.order_by(col(OutboxItem.id).desc()).limit(1)).one()
        assert order_about(session, newest) == {}, "its bytes are kept and sent all the same"
