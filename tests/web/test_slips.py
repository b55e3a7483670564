"""Slips: an accepted payment in the till's hands, which a restored database takes back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col
from werkzeug.test import TestResponse

from app.chain.signer import SignerClient
from app.config import DatabaseRole
from app.merchants import settlement
from app.merchants.models import PaymentOrder
from app.outbox.models import Incident, OutboxItem
from app.rewards.models import Hold, LedgerEntry
from app.rewards.money import ledger
from app.services import Services
from tests.support.paying import City, paying_city
from tests.support.processes import eventually
from tests.support.shop import Shop

FORGET = """
    delete from outbox_item where key in (select encode(id, 'hex') from payment_order);
    delete from hold where reference in (select id from payment_order);
    delete from payment_order; delete from payment;
"""


@pytest.fixture
def city(services: Services, signer: SignerClient) -> Iterator[City]:
    with paying_city(services, signer) as made:
        yield made


def _forget(services: Services) -> None:
    """As a backup from before the payment has it."""
    url = services.settings.database_url(DatabaseRole.MIGRATOR).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute(FORGET)


def _waiting(services: Services) -> int:
    waits = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
    with services.database.session() as session:
        return int(session.scalar(waits) or 0)


def _on_record(services: Services) -> tuple[list[int], list[str], list[str]]:
    with services.database.session() as session:
        held = select(col(Hold.amount_cents)).where(col(Hold.ended_at).is_(None))
        sent = select(col(OutboxItem.key)).where(col(OutboxItem.kind) == "settle_orders")
        codes = select(col(Incident.code)).where(col(Incident.acknowledged_at).is_(None))
        return (
            list(session.scalars(held)),
            sorted(session.scalars(sent)),
            list(session.scalars(codes)),
        )


def test_a_forgotten_payment_is_accepted_again_and_each_order_held(
    city: City, services: Services
) -> None:
    asked = city.ask(320)
    path = f"/payments/{asked['id']}/slip"
    assert city.call("till", "GET", path).get_json()["code"] == "payment-not-accepted"
    paid = city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    slip = city.get("till", path)["slip"]
    before = _on_record(services)
    assert city.post("till", "/payments/slips", {"slip": slip}) == paid, "known: as it is"
    assert _on_record(services) == before
    _forget(services)
    assert city.call("till", "GET", f"/payments/{asked['id']}").status_code == 404
    again = city.post("till", "/payments/slips", {"slip": slip})
    assert again == paid
    assert _on_record(services) == before
    assert city.get("citizen", "/me/payments")["items"] == [paid]
    city.settle(asked["id"])
    assert city.get("till", f"/payments/{asked['id']}")["state"] == "settled"


def test_what_the_chain_has_executed_is_settled_and_neither_held_nor_sent(
    city: City, services: Services
) -> None:
    """It lost the database, not the chain: the ledger has it, and an incident says so."""
    slip, order = _forgotten(city, services)
    _executed(city, services, order)
    assert "order-unknown" in _on_record(services)[2]
    settled = city.post("till", "/payments/slips", {"slip": slip})
    assert settled["state"] == "settled"
    held, sent, codes = _on_record(services)
    assert (held, sent) == ([], [])
    assert "order-unknown" not in codes, "it is known by now"
    assert city.post("till", "/payments/slips", {"slip": slip}) == settled


def _forgotten(city: City, services: Services) -> tuple[str, PaymentOrder]:
    """The slip and the order of a payment that was accepted, and that a restore forgot."""
    _forget(services)  # what the tests before left
    asked = city.ask(320)
    city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    slip = city.get("till", f"/payments/{asked['id']}/slip")["slip"]
    with services.database.session() as session:
        [order] = session.scalars(select(PaymentOrder)).all()
    _forget(services)
    return slip, order


def _executed(city: City, services: Services, order: PaymentOrder) -> None:
    with services.database.transaction() as session:
        _execute(city, session, order)


def _execute(city: City, session: Session, order: PaymentOrder) -> None:
    """What the indexer does with an order that the books don't know."""
    now, programme = city.world.now(), city.world.programme
    for side, who in enumerate((order.payer_address, order.payee_address)):
        cents = order.amount_cents * (1 if side else -1)
        entry = LedgerEntry(
            block_hash=order.id, log_index=0, side=side, block_number=9, block_time=now,
            programme_chain_id=programme.chain_id, address=who, kind="payment",
            amount_cents=cents, reference=order.id,
        )  # fmt: skip
        session.add(entry)
        Shop(session, now).balance(who, programme, cents)
    settlement.order_executed(session, order.id, now)


def test_what_is_executed_while_its_slip_is_handed_in_is_neither_held_nor_sent(
    city: City, services: Services
) -> None:
    """The indexer has the account, and the till waits for it."""
    slip, order = _forgotten(city, services)
    with ThreadPoolExecutor(1) as till:
        with services.database.transaction() as session:
            ledger.lock_account(session, order.payer_address, order.programme_id)
            answer = till.submit(city.call, "till", "POST", "/payments/slips", {"slip": slip})
            assert eventually(lambda: _waiting(services) == 1)
            _execute(city, session, order)
        assert answer.result().get_json()["state"] == "settled"
    assert _on_record(services)[:2] == ([], [])


def test_a_slip_is_opaque_and_its_merchants_alone(city: City) -> None:
    asked = city.ask(320)
    city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    slip = city.get("till", f"/payments/{asked['id']}/slip")["slip"]
    assert city.world.mine.address.lower()[2:] not in slip.lower()
    middle = len(slip) // 2
    altered = slip[:middle] + ("A" if slip[middle] != "A" else "B") + slip[middle + 1 :]
    for wrong in (altered, "x", "é" * 8, slip[: middle // 4 * 4]):
        refused = city.call("till", "POST", "/payments/slips", {"slip": wrong})
        assert (refused.status_code, refused.get_json()["code"]) == (422, "slip-unreadable")
    assert city.call("citizen", "GET", f"/payments/{asked['id']}/slip").status_code == 403
    unknown = f"/payments/{UUID(int=7)}/slip"
    assert city.call("till", "GET", unknown).status_code == 404


def test_two_tills_that_hand_the_same_slip_in_at_once_get_the_same_payment(
    city: City, services: Services
) -> None:
    _forget(services)  # what the tests before left
    asked = city.ask(700)
    paid = city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    slip = city.get("till", f"/payments/{asked['id']}/slip")["slip"]
    before = _on_record(services)
    _forget(services)

    def hand_in(_: int) -> TestResponse:
        till = dataclasses.replace(city, client=city.client.application.test_client())
        return till.call("till", "POST", "/payments/slips", {"slip": slip})

    with ThreadPoolExecutor(2) as tills:
        with services.database.transaction() as session:
            ledger.lock_account(session, city.world.mine.address, city.world.programme.id)
            answers = [tills.submit(hand_in, number) for number in range(2)]
            assert eventually(lambda: _waiting(services) == 2)
        assert [one.result().get_json() for one in answers] == [paid, paid]
    assert _on_record(services) == before


def test_what_the_payer_has_spent_meanwhile_is_told_and_not_promised_twice(
    city: City, services: Services
) -> None:
    asked = city.ask(700)
    city.post("citizen", f"/payments/{asked['id']}/acceptance", {})
    slip = city.get("till", f"/payments/{asked['id']}/slip")["slip"]
    _forget(services)
    other = city.ask(700)
    city.post("citizen", f"/payments/{other['id']}/acceptance", {})
    held, _, _ = _on_record(services)
    refused = city.call("till", "POST", "/payments/slips", {"slip": slip})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "slip-not-covered")
    after, _, codes = _on_record(services)
    assert after == held
    assert "slip_not_covered" in codes
    with services.database.transaction() as session:
        Shop(session, city.world.now()).balance(city.world.mine.address, city.world.programme, 400)
    city.post("till", "/payments/slips", {"slip": slip})
    assert "slip_not_covered" not in _on_record(services)[2], "it has passed"
