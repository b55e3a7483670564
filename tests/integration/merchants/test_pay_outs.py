"""From settled orders to euros: each cent in one pay-out once, walkable both ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import Clock
from app.errors import Problem
from app.merchants import bank_files, pay_outs, payments, refunds, settlement
from app.merchants.acceptance import accept_payment
from app.merchants.bank import Party
from app.merchants.models import (
    BankOrder,
    Merchant,
    Payment,
    PaymentOrder,
    PayOut,
    PayOutLine,
    PayOutState,
)
from app.merchants.signing import Payer
from app.outbox.models import OutboxItem
from app.privacy.keys import keyring_of
from app.privacy.service import Actor
from app.rewards.models import Programme
from app.rewards.money import ledger
from tests.support.shop import IBAN, Shop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CUT_OFF = NOW + timedelta(hours=1)
CITY = Party("Ville", "FR1420041010050500013M02606")
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


@dataclass
class Trade:
    shop: Shop
    programme: Programme
    merchant: Merchant
    payer: Payer

    @property
    def session(self) -> Session:
        return self.shop.session

    def sell(self, cents: int, at: datetime = NOW) -> Payment:
        """A payment, accepted and settled at `at`."""
        payment = payments.request_payment(
            self.session,
            merchant_id=self.merchant.organisation_id,
            amount_cents=cents,
            label=None,
            by=None,
            now=NOW,
        )
        accept_payment(
            self.session, payer=self.payer, payment_id=payment.id, desk=self.shop.desk, now=NOW
        )
        query = select(PaymentOrder).where(col(PaymentOrder.payment_id) == payment.id)
        for order in self.session.scalars(query):
            self.shop.balance(order.payer_address, self.programme, -order.amount_cents)
            self.shop.balance(order.payee_address, self.programme, order.amount_cents)
            settlement.order_executed(self.session, order.id, at)
        return payment

    def give_back(self, payment: Payment, cents: int) -> None:
        refunds.refund_payment(
            self.session,
            merchant_id=self.merchant.organisation_id,
            payment_id=payment.id,
            amount_cents=cents,
            asked=refunds.Asked(self.shop.desk, uuid4(), uuid4(), CUT_OFF),
        )

    def close(self, period: str = "2026-W48", cut_off: datetime = CUT_OFF) -> PayOut | None:
        return pay_outs.close_period(
            self.session,
            merchant_id=self.merchant.organisation_id,
            programme_id=self.programme.id,
            period=period,
            cut_off=cut_off,
            now=cut_off,
        )

    def burn(self, pay_out: PayOut) -> None:
        self.shop.balance(self.merchant.address, self.programme, -pay_out.gross_cents)
        settlement.paid_out(self.session, pay_out.reference, self.merchant.address, CUT_OFF)

    def available(self) -> int:
        return ledger.available(self.session, self.merchant.address, self.programme.id)

    def file(self) -> ET.Element:
        folder = keyring_of(self.session).home / "artefacts"
        made = bank_files.make_bank_file(
            self.session, debtor=CITY, folder=folder, by=uuid4(), now=CUT_OFF
        )
        actor = Actor(uuid4(), "treasurer")
        xml = bank_files.download_bank_file(self.session, file_id=made.id, actor=actor)
        return ET.fromstring(xml)  # noqa: S314 - our own file


@pytest.fixture
def trade(db: Session) -> Trade:
    shop = Shop(db, NOW)
    programme = shop.programme()
    merchant, payer = shop.merchant(programme, fee=250), shop.payer()
    shop.give(payer, programme, 10_000)
    return Trade(shop, programme, merchant, payer)


def test_the_bank_is_asked_for_the_city_s_tomorrow(trade: Trade) -> None:
    trade.session.info["civis.clock"] = Clock(zone=ZoneInfo("Etc/GMT+12"))
    trade.sell(400, CUT_OFF - timedelta(days=1))
    trade.burn(closed(trade))
    there = CUT_OFF.astimezone(ZoneInfo("Etc/GMT+12")).date()
    assert there < CUT_OFF.date()
    told = trade.file().findtext(".//{*}ReqdExctnDt/{*}Dt")
    assert told == str(there + timedelta(days=1))


def lines(trade: Trade, pay_out: PayOut) -> list[tuple[str, int, int]]:
    query = select(PayOutLine).where(col(PayOutLine.pay_out_id) == pay_out.id)
    found = trade.session.scalars(
        query.order_by(col(PayOutLine.kind), col(PayOutLine.amount_cents))
    )
    return [(line.kind, line.amount_cents, line.fee_cents) for line in found]


def closed(trade: Trade, period: str = "2026-W48", cut_off: datetime = CUT_OFF) -> PayOut:
    pay_out = trade.close(period, cut_off)
    assert pay_out is not None
    return pay_out


def test_orders_and_refunds_up_to_the_cut_off_are_lines(trade: Trade) -> None:
    bread = trade.sell(1000)
    trade.sell(400)
    trade.sell(500, CUT_OFF + timedelta(seconds=1))
    trade.give_back(bread, 300)
    pay_out = closed(trade)
    assert lines(trade, pay_out) == [
        ("payment", 400, 10),
        ("payment", 1000, 25),
        ("refund", -300, -8),
    ]
    assert (pay_out.gross_cents, pay_out.fee_cents, pay_out.net_cents) == (1100, 27, 1073)
    assert trade.available() == 500


def test_a_period_closes_once_and_is_announced_once(trade: Trade) -> None:
    trade.sell(1000)
    pay_out = closed(trade)
    assert closed(trade).id == pay_out.id
    query = select(OutboxItem).where(col(OutboxItem.kind) == "pay_out")
    (item,) = trade.session.scalars(query).all()
    assert item.payload["amounts"] == [1000]
    assert item.payload["reference"] == "0x" + pay_out.reference.hex()
    assert item.signer == "burner"
    assert trade.close("2026-W49", CUT_OFF + timedelta(days=7)) is None


def test_refunds_after_the_pay_out_come_off_the_next_one(trade: Trade) -> None:
    bread = trade.sell(1000)
    trade.burn(closed(trade))
    trade.sell(600)
    trade.give_back(bread, 200)
    following = closed(trade, "2026-W49")
    assert lines(trade, following) == [("payment", 600, 15), ("refund", -200, -5)]
    assert following.gross_cents == 400
    assert trade.available() == 0


def test_a_period_that_comes_to_less_than_nothing_waits(trade: Trade) -> None:
    bread = trade.sell(1000)
    trade.burn(closed(trade))
    trade.sell(300, CUT_OFF + timedelta(hours=2))
    trade.give_back(bread, 200)
    assert trade.close("2026-W49") is None
    following = closed(trade, "2026-W50", CUT_OFF + timedelta(days=14))
    assert following.gross_cents == 100


def test_burned_ordered_confirmed(trade: Trade) -> None:
    trade.sell(1000)
    pay_out = closed(trade)
    with pytest.raises(Problem, match="nothing-to-transfer"):
        trade.file()
    trade.burn(pay_out)
    settlement.paid_out(trade.session, pay_out.reference, trade.merchant.address, CUT_OFF)
    assert (pay_out.state, trade.available()) == (PayOutState.BURNED, 0)
    document = trade.file()
    (order,) = trade.session.scalars(select(BankOrder)).all()
    assert [e.text for e in document.iterfind(".//p:InstdAmt", NS)] == ["9.75"]
    assert [e.text for e in document.iterfind(".//p:EndToEndId", NS)] == [order.end_to_end_id]
    assert [e.text for e in document.iterfind(".//p:CdtrAcct//p:IBAN", NS)] == [IBAN]
    ordered = pay_out.state
    bank_files.confirm_transfer(trade.session, order_id=order.id, by=uuid4(), now=CUT_OFF)
    bank_files.confirm_transfer(trade.session, order_id=order.id, by=uuid4(), now=CUT_OFF)
    assert [ordered, pay_out.state] == [PayOutState.ORDERED, PayOutState.CONFIRMED]
    with pytest.raises(Problem, match="nothing-to-transfer"):
        trade.file()


def test_a_refused_transfer_goes_into_the_next_file(trade: Trade) -> None:
    trade.sell(1000)
    pay_out = closed(trade)
    trade.burn(pay_out)
    trade.file()
    first = trade.session.scalars(select(BankOrder)).one()
    bank_files.refuse_transfer(
        trade.session, order_id=first.id, reason="AC04 account closed", by=uuid4(), now=CUT_OFF
    )
    with pytest.raises(Problem, match="bank-order-decided"):
        bank_files.confirm_transfer(trade.session, order_id=first.id, by=uuid4(), now=CUT_OFF)
    trade.file()
    orders = trade.session.scalars(select(BankOrder).order_by(col(BankOrder.id))).all()
    assert [o.pay_out_id for o in orders] == [pay_out.id, pay_out.id]
    assert len({o.end_to_end_id for o in orders}) == 2
    assert pay_out.state is PayOutState.ORDERED


def test_a_wrong_fee_is_mended_by_a_contra_line_of_the_next_pay_out(trade: Trade) -> None:
    trade.sell(1000)
    trade.burn(closed(trade))
    line_id: UUID = trade.session.scalars(select(col(PayOutLine.id))).one()
    proposer = uuid4()
    correction = pay_outs.propose_correction(
        trade.session, line_id=line_id, fee_cents=-25, reason="No fee agreed", by=proposer, now=NOW
    )
    with pytest.raises(Problem, match="second-person-needed"):
        pay_outs.confirm_correction(
            trade.session, correction_id=correction.id, by=proposer, now=NOW
        )
    pay_outs.confirm_correction(trade.session, correction_id=correction.id, by=uuid4(), now=NOW)
    trade.sell(400)
    following = closed(trade, "2026-W49")
    assert lines(trade, following) == [("contra", 0, -25), ("payment", 400, 10)]
    assert following.net_cents == 415
    trade.sell(400)
    assert lines(trade, closed(trade, "2026-W50")) == [("payment", 400, 10)]
