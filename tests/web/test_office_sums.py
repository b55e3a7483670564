"""Sums that pages show: what was given back, refused or is empty is not among them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from flask import g
from sqlalchemy.orm import Session

from app.actions.codes import choosable
from app.clock import Clock
from app.identity.models import Organisation
from app.merchants import payments, refunds
from app.merchants.acceptance import accept_payment
from app.rewards.valuing import deeds
from app.web.citizen import me
from app.web.office import view as office_view
from app.web.vouching import vouching_view
from tests.support.city import City
from tests.support.shop import Shop
from tests.support.town import Town

OFFICER = uuid4()


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(microsecond=0))


def paid(shop: Shop, district: str, cents: int, back: int) -> None:
    """A payment in a district, of which so much is given back."""
    programme = shop.programme()
    merchant, payer = shop.merchant(programme), shop.payer()
    organisation = shop.session.get_one(Organisation, merchant.organisation_id)
    organisation.district = district
    shop.give(payer, programme, cents)
    payment = payments.request_payment(
        shop.session,
        merchant_id=organisation.id,
        amount_cents=cents,
        label=None,
        by=None,
        now=shop.now,
    )
    accept_payment(shop.session, payer=payer, payment_id=payment.id, desk=shop.desk, now=shop.now)
    if back:
        refunds.refund_payment(
            shop.session,
            merchant_id=organisation.id,
            payment_id=payment.id,
            amount_cents=back,
            asked=refunds.Asked(shop.desk, uuid4(), uuid4(), shop.now),
        )


def test_what_was_given_back_was_not_spent(db: Session, city: City) -> None:
    shop, since = Shop(db, city.now), city.now - timedelta(minutes=1)
    paid(shop, "Rive", 500, 200)
    paid(shop, "Rive", 400, 0)
    paid(shop, "Colline", 300, 300)
    assert office_view.spent(db, since) == [{"district": "Rive", "shops": 2, "cents": 700}]


def test_a_refused_deed_makes_no_district_active_and_no_day_busy(
    db: Session, city: City, town: Town
) -> None:
    body, programme = city.organisation(), city.programme()
    clerk = city.clerk(body)
    refused = city.attest(clerk, city.citizen().id, programme)
    since, reason = city.now - timedelta(days=1), choosable()[0]
    deeds.refuse(db, refused.id, reason=reason, by=OFFICER, now=city.now)
    body.district, refused.district = "Marais", "Marais"
    db.flush()
    assert "Marais" in office_view._silent_districts(db, since)
    assert today(db, city, town, body.id) == (0, 0, 0)
    counted = city.attest(clerk, city.citizen().id, programme)
    assert today(db, city, town, body.id) == (1, counted.reward_cents, 0)


def today(db: Session, city: City, town: Town, organisation_id: UUID) -> tuple[int, int, int]:
    with town.client.application.test_request_context():
        rows = {row["id"]: row for row in vouching_view.vouching(db, city.now, OFFICER)}
    row = rows[organisation_id]
    return row["actions_today"], row["reward_today"], row["waiting"]


def test_an_empty_account_expires_nothing(db: Session, city: City, town: Town) -> None:
    shop = Shop(db, city.now)
    soon, late = city.now.date() + timedelta(days=2), city.now.date() + timedelta(days=9)
    payer = shop.payer()
    shop.give(payer, shop.programme(last_day=soon), 0)

    def last_day() -> date | None:
        with town.client.application.test_request_context():
            g.db_session = db
            return me._last_day(payer.person_id)

    assert last_day() is None
    shop.give(payer, shop.programme(last_day=late), 100)
    assert last_day() == late


def test_ones_own_word_moves_no_sentence_of_the_office(db: Session, city: City) -> None:
    body, programme = city.organisation(), city.programme()
    city.attest(city.clerk(body), city.citizen().id, programme)
    since = city.now - timedelta(days=1)
    body.district = "Lointain"
    db.flush()
    before = [tuple(row) for row in office_view._done(db, since)]
    declared = city.declare(city.citizen().id, programme)
    declared.district = "Lointain"
    db.flush()
    assert [tuple(row) for row in office_view._done(db, since)] == before
    assert "Lointain" in office_view._silent_districts(db, since)
