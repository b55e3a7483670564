"""A shop whose account lacks what its settled orders come to: told, and no other shop waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.chain.contracts.events import At, RefundExecuted
from app.chain.models import ChainBlock, ChainCursor, ChainLog
from app.merchants import pay_outs, settlement
from app.merchants.models import OrderState, PaymentOrder, PayOut, PayOutLine, Refund
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


def executed(trade: Trade, order_id: bytes, cents: int) -> RefundExecuted:
    """A refund of which the books know nothing, as the chain tells of it."""
    at = At(7, b"\x07" * 32, NOW, 0, b"\x08" * 32, trade.shop.keys.domain.contract)
    payee, payer = trade.merchant.address, typed.address_of(b"\x01" * 32)
    return RefundExecuted(at, b"\x09" * 32, order_id, trade.programme.chain_id, payee, payer, cents)


def log_of(db: Session, event: RefundExecuted, order_id: bytes) -> None:
    """As the indexer keeps it."""
    arguments = {"refundId": event.refund_id, "orderId": order_id}
    arguments |= {"programmeId": event.programme_id}
    said = {name: "0x" + value.hex() for name, value in arguments.items()}
    said |= {"payee": event.payee, "payer": event.payer}
    here = b"\x07" * 32
    db.add(ChainBlock(hash=here, number=7, parent_hash=b"", block_time=NOW))
    db.add(ChainCursor(name="final", number=7, hash=here, genesis_hash=b""))
    log = ChainLog(
        block_hash=here,
        log_index=0,
        block_number=7,
        transaction_hash=b"",
        address="",
        topics=[],
        data=b"",
        event="RefundExecuted",
        arguments=said | {"amount": event.amount},
    )
    db.add(log)
    db.flush()


def order_of(trade: Trade) -> bytes:
    mine = col(PaymentOrder.payee_address) == trade.merchant.address
    return trade.session.scalars(select(col(PaymentOrder.id)).where(mine)).one()


def paid_to(trade: Trade) -> list[int]:
    mine = col(PayOut.merchant_id) == trade.merchant.organisation_id
    return list(trade.session.scalars(select(col(PayOut.gross_cents)).where(mine)))


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


def test_a_refund_that_the_books_forgot_is_entered_as_the_chain_says(
    db: Session, trades: list[Trade]
) -> None:
    """And what is left is paid out: nobody has to find out anything, but why it was forgotten."""
    poor = trades[1]
    poor.shop.balance(poor.merchant.address, poor.programme, -200)
    event = executed(poor, order_of(poor), 200)
    settlement.refund_executed(db, event)
    settlement.refund_executed(db, event)
    refund = db.get_one(Refund, event.refund_id)
    assert (refund.amount_cents, refund.state, refund.settled_at) == (200, OrderState.SETTLED, NOW)
    unknown = select(Incident).where(col(Incident.code) == "refund-unknown")
    assert len(db.scalars(unknown).all()) == 1
    assert closed(db) == 3
    assert paid_to(poor) == [300]
    assert named(db) == []


def test_one_whose_payment_came_back_later_is_found_in_the_log(
    db: Session, trades: list[Trade]
) -> None:
    poor = trades[1]
    poor.shop.balance(poor.merchant.address, poor.programme, -200)
    event = executed(poor, b"\x0a" * 32, 200)
    settlement.refund_executed(db, event)
    assert db.get(Refund, event.refund_id) is None, "its payment isn't known yet"
    log_of(db, event, order_of(poor))
    assert closed(db) == 3
    assert paid_to(poor) == [300]
    assert named(db) == []


def test_an_operator_pays_out_what_is_covered_and_the_rest_stays_open(
    db: Session, trades: list[Trade]
) -> None:
    poor = trades[1]
    poor.sell(400)
    poor.shop.balance(poor.merchant.address, poor.programme, -300)
    assert closed(db) == 2
    made = pay_outs.close_period(
        db,
        merchant_id=poor.merchant.organisation_id,
        programme_id=poor.programme.id,
        period="2026-W47",
        cut_off=CUT_OFF,
        now=CUT_OFF,
        partly=True,
    )
    assert made is not None
    assert made.gross_cents == 500
    assert closed(db) == 3, "it has its pay-out of this week"
    poor.shop.balance(poor.merchant.address, poor.programme, 300)
    assert close_due_periods(db, period="2026-W48", cut_off=CUT_OFF, now=CUT_OFF) == 1
    assert paid_to(poor) == [500, 400]
