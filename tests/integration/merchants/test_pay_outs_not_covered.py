"""A shop whose account lacks what its settled orders come to: told, and no other shop waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.merchants.models import PayOut, PayOutLine
from app.merchants.pay_outs import close_due_periods
from app.outbox.models import Incident, OutboxItem
from app.rewards.models import Hold
from tests.integration.merchants.test_pay_outs import Trade
from tests.support.shop import Shop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CUT_OFF = NOW + timedelta(hours=1)


@pytest.fixture
def trades(db: Session) -> list[Trade]:
    """Three shops of one programme, each with a settled payment of 5.00."""
    shop = Shop(db, NOW)
    programme, payer = shop.programme(), shop.payer()
    shop.give(payer, programme, 10_000)
    made = [Trade(shop, programme, shop.merchant(programme), payer) for _ in range(3)]
    for trade in made:
        trade.sell(500)
    return made


def named(session: Session) -> list[str]:
    query = select(col(Incident.detail)).where(
        col(Incident.code) == "pay_out_not_covered", col(Incident.acknowledged_at).is_(None)
    )
    return list(session.scalars(query))


def closed(session: Session) -> int:
    return close_due_periods(session, period="2026-W47", cut_off=CUT_OFF, now=CUT_OFF)


def test_one_that_is_not_covered_holds_up_no_other_and_is_told_until_it_is(
    db: Session, trades: list[Trade]
) -> None:
    """Such as after a restore that lost a refund which the chain has executed."""
    poor = trades[1]
    poor.shop.balance(poor.merchant.address, poor.programme, -200)
    assert closed(db) == 2
    paid = {one.merchant_id for one in db.scalars(select(PayOut))}
    assert paid == {trades[0].merchant.organisation_id, trades[2].merchant.organisation_id}
    assert len(db.scalars(select(PayOutLine)).all()) == 2, "nothing is left of the third"
    held = db.scalars(select(col(Hold.amount_cents)).where(col(Hold.reason) == "pay_out")).all()
    assert held == [500, 500]
    sent = select(OutboxItem).where(col(OutboxItem.kind) == "pay_out")
    assert len(db.scalars(sent).all()) == 2
    [detail] = named(db)
    assert "500 cents are owed to it, and 300 are there" in detail

    poor.shop.balance(poor.merchant.address, poor.programme, 200)
    assert closed(db) == 3
    assert named(db) == []
