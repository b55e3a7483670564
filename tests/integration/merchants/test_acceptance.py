"""A payment on a real database: what is held, signed and announced, and what never is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.errors import Problem
from app.merchants import payments, queries
from app.merchants.acceptance import accept_payment, orders_to_sign
from app.merchants.models import Payment, PaymentOrder, PaymentState
from app.merchants.signing import Payer, chain_payment_id
from app.outbox.models import OutboxItem
from app.rewards.models import Hold
from app.rewards.money import ledger
from tests.support.shop import DOMAIN, Shop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def shop(db: Session) -> Shop:
    return Shop(db, NOW)


def asked(shop: Shop, amount: int, merchant_id: UUID | None = None) -> Payment:
    merchant = merchant_id or shop.merchant(shop.programme()).organisation_id
    return payments.request_payment(
        shop.session, merchant_id=merchant, amount_cents=amount, label="Pain", by=None, now=NOW
    )


def pay(
    shop: Shop,
    payer: Payer,
    payment: Payment,
    *,
    now: datetime = LATER,
    signatures: Mapping[bytes, bytes] | None = None,
) -> Payment:
    return accept_payment(
        shop.session,
        payer=payer,
        payment_id=payment.id,
        desk=shop.desk,
        now=now,
        signatures=signatures or {},
    )


def orders(shop: Shop, payment: Payment) -> list[PaymentOrder]:
    query = select(PaymentOrder).where(col(PaymentOrder.payment_id) == payment.id)
    return list(shop.session.scalars(query.order_by(col(PaymentOrder.position))))


def written(session: Session) -> tuple[int, ...]:
    tables = (PaymentOrder, Hold, OutboxItem)
    return tuple(session.scalar(select(func.count()).select_from(t)) or 0 for t in tables)


def test_a_payment_over_two_programmes_is_two_orders_soonest_last_day_first(shop: Shop) -> None:
    late = shop.programme()
    soon = shop.programme(last_day=NOW.date() + timedelta(days=3))
    merchant, payer = shop.merchant(late, soon), shop.payer()
    first, second = shop.give(payer, soon, 300), shop.give(payer, late, 900)
    payment = pay(shop, payer, asked(shop, 700, merchant.organisation_id))
    made = orders(shop, payment)
    assert payment.state is PaymentState.ACCEPTED
    assert [(o.payer_address, o.amount_cents) for o in made] == [
        (first.address, 300),
        (second.address, 400),
    ]
    assert ledger.available(shop.session, first.address) == 0
    assert ledger.available(shop.session, second.address) == 500


def test_what_is_announced_is_what_both_signed(shop: Shop) -> None:
    programme = shop.programme()
    merchant, payer = shop.merchant(programme), shop.payer()
    account = shop.give(payer, programme, 1000)
    payment = pay(shop, payer, asked(shop, 320, merchant.organisation_id))
    (order,) = orders(shop, payment)
    item = shop.session.scalars(
        select(OutboxItem).where(col(OutboxItem.key) == order.id.hex())
    ).one()
    sent = item.payload["order"]
    struct = typed.Order(
        bytes.fromhex(sent["payment_id"][2:]),
        bytes.fromhex(sent["programme_id"][2:]),
        sent["payer"],
        sent["payee"],
        sent["amount"],
        sent["requested_until"],
    )
    assert typed.order_digest(DOMAIN, struct) == order.id
    assert struct.payment_id == chain_payment_id(payment.id, 0)
    payer_signature = bytes.fromhex(item.payload["payer_signature"][2:])
    assert typed.recover(order.id, payer_signature) == account.address
    acceptance = typed.acceptance_digest(DOMAIN, order.id)
    acceptor = typed.recover(acceptance, bytes.fromhex(item.payload["acceptor_signature"][2:]))
    assert acceptor == typed.address_of(shop.keys.acceptor)
    assert item.signer == "settler"


def test_accepting_again_answers_the_same_and_pays_once(shop: Shop) -> None:
    programme = shop.programme()
    merchant, payer = shop.merchant(programme), shop.payer()
    account = shop.give(payer, programme, 1000)
    payment = asked(shop, 300, merchant.organisation_id)
    pay(shop, payer, payment)
    before = written(shop.session)
    again = pay(shop, payer, payment, now=NOW + timedelta(hours=1))
    assert (again.id, again.state) == (payment.id, PaymentState.ACCEPTED)
    assert written(shop.session) == before
    assert ledger.available(shop.session, account.address) == 700


def test_one_balance_pays_no_two_payments(shop: Shop) -> None:
    programme = shop.programme()
    merchant, payer = shop.merchant(programme), shop.payer()
    shop.give(payer, programme, 500)
    pay(shop, payer, asked(shop, 300, merchant.organisation_id))
    second = asked(shop, 300, merchant.organisation_id)
    with pytest.raises(Problem, match="balance-too-low") as caught:
        pay(shop, payer, second)
    assert caught.value.values["spendable_cents"] == 200


def test_a_device_signs_its_own_orders_and_the_operator_the_rest(shop: Shop) -> None:
    mine, theirs = shop.programme(), shop.programme()
    merchant, payer, key = shop.merchant(mine, theirs), shop.payer(), typed.new_key()
    shop.give(payer, mine, 400, key=key)
    shop.give(payer, theirs, 400)
    payment = asked(shop, 600, merchant.organisation_id)
    planned = orders_to_sign(
        shop.session, payment_id=payment.id, person_id=payer.person_id, domain=DOMAIN, now=LATER
    )
    signatures = {p.id: typed.sign(p.id, key) for p in planned if p.part.purse.on_device}
    made = orders(shop, pay(shop, payer, payment, signatures=signatures))
    assert sorted(order.operator_signed for order in made) == [False, True]
    for order in made:
        assert typed.recover(order.id, order.payer_signature) == order.payer_address


def test_a_payment_started_at_a_till_is_its_payers_alone(shop: Shop) -> None:
    programme = shop.programme()
    merchant, payer, other = shop.merchant(programme), shop.payer(), shop.payer()
    shop.give(payer, programme, 500)
    shop.give(other, programme, 500)
    payment = payments.start_payment(
        shop.session,
        till_number=merchant.till_number,
        amount_cents=200,
        payer_id=payer.person_id,
        now=NOW,
    )
    with pytest.raises(Problem, match="payment-taken"):
        pay(shop, other, payment)
    assert pay(shop, payer, payment).state is PaymentState.ACCEPTED


def test_a_code_typed_by_hand_finds_the_request(shop: Shop) -> None:
    payment, payer = asked(shop, 200), shop.payer()
    typed_code = f" {payment.short_code[:3].lower()}-{payment.short_code[3:]} "
    found = payments.find_payment(
        shop.session, short_code=typed_code, person_id=payer.person_id, now=LATER
    )
    assert found.id == payment.id
    with pytest.raises(Problem, match="payment-unknown"):
        payments.find_payment(
            shop.session,
            short_code=typed_code,
            person_id=payer.person_id,
            now=payment.expires_at,
        )


def test_a_request_reads_as_expired_before_the_sweep_and_after(shop: Shop) -> None:
    payment = asked(shop, 200)
    merchant_id, at = payment.merchant_id, payment.expires_at

    def seen() -> PaymentState:
        return queries.payment_for_till(
            shop.session, payment_id=payment.id, merchant_id=merchant_id, now=at
        ).state

    assert (payment.state, seen()) == (PaymentState.REQUESTED, PaymentState.EXPIRED)
    assert payments.expire_payments(shop.session, at - timedelta(microseconds=1)) == 0
    assert payments.expire_payments(shop.session, at) == 1
    shop.session.refresh(payment)
    assert (payment.state, seen()) == (PaymentState.EXPIRED, PaymentState.EXPIRED)


def test_a_declined_payment_stays_declined(shop: Shop) -> None:
    payment, payer = asked(shop, 200), shop.payer()
    declined = payments.decline_by_payer(
        shop.session, payment_id=payment.id, person_id=payer.person_id, now=LATER
    )
    assert (declined.state, declined.reason_code) == (PaymentState.DECLINED, "by-payer")
    with pytest.raises(Problem, match="payment-declined"):
        pay(shop, payer, payment)


def test_another_shop_does_not_see_the_payment(shop: Shop) -> None:
    payment, other = asked(shop, 200), shop.merchant(shop.programme())
    with pytest.raises(Problem, match="payment-unknown"):
        queries.payment_for_till(
            shop.session, payment_id=payment.id, merchant_id=other.organisation_id, now=LATER
        )
