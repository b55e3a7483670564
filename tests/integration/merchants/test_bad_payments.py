"""A payment that must not be: each is refused by its own code and writes nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.errors import Problem
from app.mail_models import OutgoingMail
from app.merchants.acceptance import accept_payment, orders_to_sign
from app.merchants.models import (
    Merchant,
    PayeeState,
    Payment,
    PaymentOrder,
    PaymentState,
)
from app.merchants.payments import request_payment, start_payment
from app.merchants.signing import Payer
from app.outbox.models import OutboxItem
from app.rewards.models import Hold, Programme, ProgrammeState
from tests.support.shop import DOMAIN, Shop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
KEY = b"\x77" * 32


@dataclass
class World:
    """10.00 on a device and 10.00 in custody, and a shop that asks for 15.00."""

    shop: Shop
    merchant: Merchant
    programme: Programme
    payer: Payer
    payment: Payment

    def signed(self, key: bytes = KEY) -> dict[bytes, bytes]:
        planned = orders_to_sign(
            self.shop.session,
            payment_id=self.payment.id,
            person_id=self.payer.person_id,
            domain=DOMAIN,
            now=LATER,
        )
        return {p.id: typed.sign(p.id, key) for p in planned if p.part.purse.on_device}

    def accept(
        self,
        signatures: dict[bytes, bytes],
        *,
        payer: Payer | None = None,
        now: datetime = LATER,
    ) -> Payment:
        return accept_payment(
            self.shop.session,
            payer=payer or self.payer,
            payment_id=self.payment.id,
            desk=self.shop.desk,
            now=now,
            signatures=signatures,
        )


@pytest.fixture
def world(db: Session) -> World:
    shop = Shop(db, NOW)
    programme, other = shop.programme(), shop.programme()
    merchant, payer = shop.merchant(programme, other), shop.payer()
    shop.give(payer, programme, 1000, key=KEY)
    shop.give(payer, other, 1000)
    return World(shop, merchant, programme, payer, asked(shop, merchant, 1500))


def asked(shop: Shop, merchant: Merchant, cents: int) -> Payment:
    return request_payment(
        shop.session,
        merchant_id=merchant.organisation_id,
        amount_cents=cents,
        label=None,
        by=None,
        now=NOW,
    )


def over_the_balance(world: World) -> None:
    world.payment = asked(world.shop, world.merchant, 2001)
    world.accept({})


def unregistered_payee(world: World) -> None:
    signatures = world.signed()
    world.merchant.state = PayeeState.PENDING
    world.accept(signatures)


def closing_payee(world: World) -> None:
    signatures = world.signed()
    world.merchant.state = PayeeState.CLOSING
    world.accept(signatures)


def expired(world: World) -> None:
    world.accept(world.signed(), now=world.payment.expires_at)


def swept(world: World) -> None:
    signatures = world.signed()
    world.payment.state = PaymentState.EXPIRED
    world.accept(signatures)


def unknown(world: World) -> None:
    world.payment = Payment(**{**world.payment.model_dump(), "id": uuid4()})
    world.accept({})


def unsigned(world: World) -> None:
    world.accept({})


def another_key(world: World) -> None:
    world.accept(world.signed(b"\x78" * 32))


def garbage(world: World) -> None:
    world.accept(dict.fromkeys(world.signed(), b"\x00" * 65))


def high_s(world: World) -> None:
    (order_id, signature), *_ = world.signed().items()
    s = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141 - int.from_bytes(
        signature[32:64], "big"
    )
    twin = signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])
    world.accept({order_id: twin})


def replayed_for_another_payment(world: World) -> None:
    """The orders of one payment, signed well, sent for the next one of the same amount."""
    signatures = world.signed()
    world.payment = asked(world.shop, world.merchant, 1500)
    world.accept(signatures)


def signed_for_another_chain(world: World) -> None:
    (planned,) = [
        p
        for p in orders_to_sign(
            world.shop.session,
            payment_id=world.payment.id,
            person_id=world.payer.person_id,
            domain=DOMAIN,
            now=LATER,
        )
        if p.part.purse.on_device
    ]
    elsewhere = typed.Domain(DOMAIN.name, 1, DOMAIN.contract, DOMAIN.salt)
    digest = typed.order_digest(elsewhere, planned.struct)
    world.accept({planned.id: typed.sign(digest, KEY)})


def balances_moved_meanwhile(world: World) -> None:
    signatures = world.signed()
    world.shop.balance(typed.address_of(KEY), world.programme, -1)
    world.accept(signatures)


def programme_over(world: World) -> None:
    signatures = world.signed()
    world.programme.state = ProgrammeState.CLOSED
    world.accept(signatures)


def till_that_nobody_has(world: World) -> None:
    start_payment(
        world.shop.session,
        till_number="000000",
        amount_cents=100,
        payer_id=world.payer.person_id,
        now=NOW,
    )


def nothing(world: World) -> None:
    asked(world.shop, world.merchant, 0)


CASES = [
    (over_the_balance, "balance-too-low", 409),
    (unregistered_payee, "payee-not-active", 409),
    (closing_payee, "payee-not-active", 409),
    (expired, "payment-expired", 409),
    (swept, "payment-expired", 409),
    (unknown, "payment-unknown", 404),
    (unsigned, "order-signature-missing", 409),
    (another_key, "order-signature-wrong", 422),
    (garbage, "order-signature-wrong", 422),
    (high_s, "order-signature-wrong", 422),
    (replayed_for_another_payment, "order-signature-missing", 409),
    (signed_for_another_chain, "order-signature-wrong", 422),
    (balances_moved_meanwhile, "order-signature-missing", 409),
    (programme_over, "programme-closed", 409),
    (till_that_nobody_has, "till-unknown", 404),
    (nothing, "amount-not-positive", 422),
]


def written(session: Session) -> dict[str, int]:
    tables = (PaymentOrder, Hold, OutboxItem, OutgoingMail)
    session.flush()
    return {t.__name__: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


@pytest.mark.parametrize(
    ("attempt", "code", "status"), CASES, ids=lambda v: getattr(v, "__name__", "")
)
def test_refused_and_nothing_written(
    world: World, attempt: Callable[[World], None], code: str, status: int
) -> None:
    before = written(world.shop.session)
    with pytest.raises(Problem) as caught:
        attempt(world)
    assert (caught.value.code, caught.value.status) == (code, status)
    assert written(world.shop.session) == before
    assert world.shop.keys.countersigned == []
    states = world.shop.session.scalars(select(col(Payment.state))).all()
    assert PaymentState.ACCEPTED not in states


def test_somebody_elses_accepted_payment_tells_nothing(world: World) -> None:
    world.accept(world.signed())
    other, before = world.shop.payer(), written(world.shop.session)
    with pytest.raises(Problem, match="payment-taken"):
        world.accept({}, payer=other)
    assert written(world.shop.session) == before
