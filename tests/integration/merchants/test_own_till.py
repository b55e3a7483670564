"""Tokens are earned to be spent: at one's own till they would turn into euros."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.errors import Problem
from app.identity import service as identity
from app.identity.models import Role
from app.merchants import payments
from app.merchants.acceptance import accept_payment, orders_to_sign
from app.merchants.models import Payment
from app.merchants.signing import Payer
from tests.support.shop import DOMAIN, Shop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


def _staff_with_tokens(shop: Shop) -> tuple[Payer, Payment, Payment]:
    """Somebody of a shop, a payment at its till, and one at another's."""
    programme = shop.programme()
    payer = shop.payer()
    shop.give(payer, programme, 500)
    own, other = (shop.merchant(programme).organisation_id for _ in range(2))
    identity.grant_role(
        shop.session,
        person_id=payer.person_id,
        role=Role.MERCHANT,
        organisation_id=own,
        by=None,
        now=NOW,
    )
    asked = [
        payments.request_payment(
            shop.session, merchant_id=till, amount_cents=120, label="Pain", by=None, now=NOW
        )
        for till in (own, other)
    ]
    return payer, asked[0], asked[1]


def test_nobody_pays_at_their_own_till_and_everywhere_else(db: Session) -> None:
    shop = Shop(db, NOW)
    payer, own, other = _staff_with_tokens(shop)
    person = payer.person_id
    with pytest.raises(Problem, match="payment-own-till"):
        accept_payment(db, payer=payer, payment_id=own.id, desk=shop.desk, now=LATER)
    with pytest.raises(Problem, match="payment-own-till"):
        orders_to_sign(db, payment_id=own.id, person_id=person, domain=DOMAIN, now=LATER)
    paid = accept_payment(db, payer=payer, payment_id=other.id, desk=shop.desk, now=LATER)
    assert paid.accepted_at == LATER
