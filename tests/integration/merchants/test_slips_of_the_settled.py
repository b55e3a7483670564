"""What the chain executed and a restored database forgot: handed in by the till, paid once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.backup.taking_over import last_words
from app.chain.sending.restored_rows import Came
from app.merchants import payments, settlement
from app.merchants.acceptance import accept_payment
from app.merchants.again import order_again
from app.merchants.models import Payment, PaymentOrder, PaymentState, PayOut, PayOutLine
from app.merchants.pay_outs_again import ABOUT, pay_out_again
from app.merchants.slips import hand_in, slip_of
from app.outbox.models import OutboxItem, OutboxState
from app.rewards.models import Hold, LedgerEntry, Programme
from tests.integration.merchants.test_pay_outs import CUT_OFF, NOW, Trade
from tests.support.shop import Shop

LATER = CUT_OFF + timedelta(days=7)


@dataclass(frozen=True)
class Kept:
    """What the artefact store has of a row."""

    said: dict[str, Any]
    about: dict[str, Any]

    def came(self, session: Session) -> Came:
        item = OutboxItem(**self.said, state=OutboxState.SENT, created_at=NOW)
        session.add(item)
        session.flush()
        return Came(item, self.about, executed=True, new=True, artefacts=Path(), now=CUT_OFF)


@pytest.fixture
def trade(db: Session) -> Trade:
    """Six tokens in each of two programmes; the first is the trade's."""
    shop = Shop(db, NOW)
    first, second = shop.programme(), shop.programme()
    merchant, payer = shop.merchant(first, second, fee=250), shop.payer()
    for programme in (first, second):
        shop.give(payer, programme, 600)
    return Trade(shop, first, merchant, payer)


def _kept(session: Session, kind: str) -> list[Kept]:
    rows = session.scalars(select(OutboxItem).where(col(OutboxItem.kind) == kind)).all()
    named = ("kind", "key", "signer", "payload")
    said = [{one: getattr(row, one) for one in named} for row in rows]
    return [Kept(one, ABOUT[kind](session, row)) for one, row in zip(said, rows, strict=True)]


def _executed(trade: Trade, orders: Sequence[Kept]) -> None:
    """What the indexer writes of orders that the books don't know."""
    for place, kept in enumerate(orders):
        said, key = kept.said["payload"]["order"], bytes.fromhex(kept.said["key"])
        programme = bytes.fromhex(said["programme_id"][2:])
        for side, (who, sign) in enumerate(((said["payer"], -1), (said["payee"], 1))):
            entry = LedgerEntry(
                block_hash=b"h" * 32, log_index=place, side=side, block_number=9, block_time=NOW,
                programme_chain_id=programme, address=who, kind="payment",
                amount_cents=sign * said["amount"], reference=key,
            )  # fmt: skip
            trade.session.add(entry)
            wanted = select(Programme).where(col(Programme.chain_id) == programme)
            found = trade.session.scalars(wanted).one()
            trade.shop.balance(who, found, sign * said["amount"])
        settlement.order_executed(trade.session, key, NOW)


def _handed_in(trade: Trade, slip: str) -> Payment:
    shop, desks = trade.merchant.organisation_id, [trade.shop.keys.domain]
    return hand_in(trade.session, slip, merchant_id=shop, desks=desks, now=CUT_OFF)


def _held(session: Session) -> list[tuple[str, int]]:
    query = select(col(Hold.reason), col(Hold.amount_cents)).where(col(Hold.ended_at).is_(None))
    return [(reason, cents) for reason, cents in session.execute(query)]


def test_of_two_orders_one_was_executed_and_the_other_is_on_its_way(
    db: Session, trade: Trade
) -> None:
    lost = db.begin_nested()
    asked = payments.request_payment(
        db, merchant_id=trade.merchant.organisation_id, amount_cents=1000, label=None, by=None,
        now=NOW,
    )  # fmt: skip
    accept_payment(db, payer=trade.payer, payment_id=asked.id, desk=trade.shop.desk, now=NOW)
    slip = slip_of(db, asked.id, trade.merchant.organisation_id)
    orders = sorted(_kept(db, "settle_orders"), key=lambda kept: int(kept.about["position"]))
    lost.rollback()
    _executed(trade, orders[:1])
    payment = _handed_in(trade, slip)
    assert payment.state is PaymentState.ACCEPTED, "its second order is on its way"
    amounts = [kept.said["payload"]["order"]["amount"] for kept in orders]
    assert _held(db) == [("payment", amounts[1])]
    assert [kept.said["key"] for kept in _kept(db, "settle_orders")] == [orders[1].said["key"]]
    settlement.order_executed(db, bytes.fromhex(orders[1].said["key"]), CUT_OFF)
    assert (payment.state, _held(db)) == (PaymentState.SETTLED, [])


@dataclass(frozen=True)
class Paid:
    """Sold, paid out and forgotten."""

    slip: str
    order: Kept
    pay_out: Kept


@pytest.fixture
def paid(db: Session, trade: Trade) -> Paid:
    lost = db.begin_nested()
    slip = slip_of(db, trade.sell(500).id, trade.merchant.organisation_id)
    pay_out = trade.close()
    assert pay_out is not None
    [order], [row] = _kept(db, "settle_orders"), _kept(db, "pay_out")
    lost.rollback()
    db.expire_all()
    _executed(trade, [order])
    trade.shop.balance(trade.merchant.address, trade.programme, -500)  # burned
    return Paid(slip, order, row)


def test_what_a_pay_out_has_paid_is_in_no_other_when_its_slip_is_handed_in(
    db: Session, trade: Trade, paid: Paid
) -> None:
    pay_out_again(db, paid.pay_out.came(db))
    assert _handed_in(trade, paid.slip).state is PaymentState.SETTLED
    pay_out, line = db.scalars(select(PayOut)).one(), db.scalars(select(PayOutLine)).one()
    order = db.scalars(select(PaymentOrder)).one()
    assert (line.pay_out_id, line.order_id) == (pay_out.id, order.id)
    assert pay_out.lost_lines == []
    assert trade.close("2026-W49", LATER) is None, "the shop has had its euros"


@pytest.mark.parametrize("how", ["in a pay-out", "in none"])
def test_only_what_no_pay_out_has_paid_is_to_be_paid_by_hand(
    db: Session, paid: Paid, how: str
) -> None:
    """The payer's account was made after the last archived log."""
    paid.order.said["payload"]["order"]["payer"] = "0x" + "7" * 40
    remarks = last_words([], order_again(db, paid.order.came(db)))
    if how == "in a pay-out":
        remarks = last_words(remarks, pay_out_again(db, paid.pay_out.came(db)))
    [remark] = remarks
    assert remark.startswith(f"order 0x{paid.order.said['key']}: ")
    paid_out = f"paid by the pay-out 0x{paid.pay_out.said['key']}, not by hand"
    assert (paid_out in remark, "pay them by hand" in remark) == (
        how == "in a pay-out",
        how == "in none",
    )
