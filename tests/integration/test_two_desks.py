"""Two desks beside each other: each order, and what is given back of it, stays with its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.chain.deploying.generations import Generation
from app.chain.deploying.role_keys import ACCEPTOR, role_addresses
from app.chain.signer import SignerClient
from app.merchants import payments, refunds, settlement
from app.merchants.acceptance import accept_payment
from app.merchants.models import PaymentOrder, Refund
from app.merchants.retiring import needs_desk
from app.merchants.signing import Desk, Payer
from app.merchants.wiring import desk_domain, earlier_desks
from app.rewards.models import Programme, ProgrammeState
from app.services import Services
from tests.support.shop import DOMAIN, Shop
from tests.support.signer import running_signer, write_deployment
from tests.support.signer_world import DESK, code

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
NEXT = replace(DOMAIN, contract=typed.checksum("0x" + "9" * 40))
BESIDE = "0x" + "8" * 40


@pytest.fixture(scope="module")
def signer(services: Services) -> Iterator[SignerClient]:
    write_deployment(services.settings)
    with running_signer(services.settings) as client:
        yield client


def test_a_refund_names_the_desk_that_its_order_named(db: Session) -> None:
    shop = Shop(db, NOW)
    programme = shop.programme()
    merchant, payer = shop.merchant(programme), shop.payer()
    shop.give(payer, programme, 900)
    after = Desk(NEXT, shop.keys, (DOMAIN,))
    shop.keys.domain = DOMAIN
    first = _paid(shop, merchant.organisation_id, payer, shop.desk)
    shop.keys.domain = NEXT
    second = _paid(shop, merchant.organisation_id, payer, after)
    for order, domain in ((first, DOMAIN), (second, NEXT)):
        _settle(shop, order, programme)
        asked = refunds.Asked(after, uuid4(), uuid4(), NOW + timedelta(minutes=1))
        refunds.refund_payment(
            db,
            merchant_id=merchant.organisation_id,
            payment_id=order.payment_id,
            amount_cents=100,
            asked=asked,
        )
        made = db.scalars(select(Refund).where(col(Refund.order_id) == order.id)).one()
        struct = typed.Refund(order.id, merchant.address, 100, made.nonce)
        assert typed.refund_digest(domain, struct) == made.id
        acceptance = typed.acceptance_digest(domain, made.id)
        acceptor = typed.address_of(shop.keys.acceptor)
        assert typed.recover(acceptance, made.acceptor_signature) == acceptor


def test_the_signer_knows_a_desk_as_soon_as_the_record_names_it(
    services: Services, signer: SignerClient
) -> None:
    order_id, settings = bytes(range(32)), services.settings
    acceptor = role_addresses(settings.home)[ACCEPTOR]
    assert code(lambda: signer.countersign(order_id, desk=BESIDE)) == "signer-call-refused"
    file = settings.deployment_file
    stored = json.loads(file.read_text("utf-8"))
    other = vars(Generation("PaymentDesk", BESIDE, 7))
    file.write_text(json.dumps({**stored, "others": [other]}), "utf-8")
    beside = replace(DESK, contract=BESIDE)
    signature = signer.countersign(order_id, desk=BESIDE)
    assert typed.recover(typed.acceptance_digest(beside, order_id), signature) == acceptor
    signature = signer.countersign(order_id)
    assert typed.recover(typed.acceptance_digest(DESK, order_id), signature) == acceptor
    assert (desk_domain(file), earlier_desks(file)) == (DESK, (beside,))


def test_a_desk_is_needed_until_the_programmes_are_closed_that_it_was_paid_in(db: Session) -> None:
    shop = Shop(db, NOW)
    programme = shop.programme()
    merchant, payer = shop.merchant(programme), shop.payer()
    shop.give(payer, programme, 900)
    _settle(shop, _paid(shop, merchant.organisation_id, payer, shop.desk), programme)
    assert needs_desk(db, DOMAIN) is programme
    assert needs_desk(db, NEXT) is None
    programme.state = ProgrammeState.CLOSED
    db.flush()
    assert needs_desk(db, DOMAIN) is None


def _paid(shop: Shop, merchant: UUID, payer: Payer, desk: Desk) -> PaymentOrder:
    payment = payments.request_payment(
        shop.session,
        merchant_id=merchant,
        amount_cents=300,
        label=None,
        by=None,
        now=NOW,
    )
    accept_payment(shop.session, payer=payer, payment_id=payment.id, desk=desk, now=NOW)
    query = select(PaymentOrder).where(col(PaymentOrder.payment_id) == payment.id)
    return shop.session.scalars(query).one()


def _settle(shop: Shop, order: PaymentOrder, programme: Programme) -> None:
    shop.balance(order.payer_address, programme, -order.amount_cents)
    shop.balance(order.payee_address, programme, order.amount_cents)
    settlement.order_executed(shop.session, order.id, NOW)
