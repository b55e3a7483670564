"""What one person bought in one shop, and all that the treasury made of it.

Labels hold what a browser would run if a page showed it as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.db import uuid7
from app.merchants import bank_files, pay_outs, payments, settlement
from app.merchants.acceptance import accept_payment
from app.merchants.bank import Party
from app.merchants.models import BankOrder, Merchant, Payment, PaymentOrder, PayOutLine
from app.merchants.signing import Payer
from app.privacy.keys import keyring_of
from app.rewards.models import Programme
from tests.support.shop import Shop

HOSTILE = '"><img src=x onerror=alert(1)>{{7*7}}'
CITY_ACCOUNT = Party("Ville", "FR1420041010050500013M02606")


@dataclass
class Sold:
    """A payment started by the payer, one accepted, one settled and paid out."""

    LABEL_WORD: ClassVar = "Label-of-the-owner"
    shop: Shop
    programme: Programme
    merchant: Merchant
    payer_id: UUID

    @property
    def session(self) -> Session:
        return self.shop.session

    @property
    def now(self) -> datetime:
        return self.shop.now

    def all(self, *, by: UUID) -> dict[str, list[Any]]:
        """Ids by the name of a route's argument."""
        started = payments.start_payment(
            self.session,
            till_number=self.merchant.till_number,
            amount_cents=300,
            payer_id=self.payer_id,
            now=self.now,
        )
        started.label = f"{self.LABEL_WORD} {HOSTILE}"
        made = [started, self._paid(400), self._paid(500)]
        self._settle(made[-1])
        return {
            "payment_id": [one.id for one in made],
            "short_code": [one.short_code for one in made],
            "merchant_id": [self.merchant.organisation_id],
            **self._paid_out(by),
        }

    def _paid(self, cents: int) -> Payment:
        payment = payments.request_payment(
            self.session,
            merchant_id=self.merchant.organisation_id,
            amount_cents=cents,
            label=f"{self.LABEL_WORD} {HOSTILE}",
            by=None,
            now=self.now,
        )
        return accept_payment(
            self.session,
            payer=Payer(self.payer_id, uuid7()),
            payment_id=payment.id,
            desk=self.shop.desk,
            now=self.now,
        )

    def _settle(self, payment: Payment) -> None:
        """As the indexer does."""
        orders = select(PaymentOrder).where(col(PaymentOrder.payment_id) == payment.id)
        for order in self.session.scalars(orders):
            self.shop.balance(order.payer_address, self.programme, -order.amount_cents)
            self.shop.balance(order.payee_address, self.programme, order.amount_cents)
            settlement.order_executed(self.session, order.id, self.now)

    def _paid_out(self, by: UUID) -> dict[str, list[Any]]:
        row = pay_outs.close_period(
            self.session,
            merchant_id=self.merchant.organisation_id,
            programme_id=self.programme.id,
            period="2026-W48",
            cut_off=self.now,
            now=self.now,
        )
        assert row is not None
        self.shop.balance(self.merchant.address, self.programme, -row.gross_cents)
        settlement.paid_out(self.session, row.reference, self.merchant.address, self.now)
        folder = keyring_of(self.session).home / "artefacts"
        file = bank_files.make_bank_file(
            self.session, debtor=CITY_ACCOUNT, folder=folder, by=by, now=self.now
        )
        order = self.session.scalars(select(BankOrder)).one()
        line = self.session.scalars(select(PayOutLine)).one()
        wrong = {"fee_cents": -1, "reason": "No fee agreed", "by": uuid7(), "now": self.now}
        correction = pay_outs.propose_correction(self.session, line_id=line.id, **wrong)  # type: ignore[arg-type]
        return {
            "pay_out_id": [row.id],
            "file_id": [file.id],
            "order_id": [order.id],
            "line_id": [line.id],
            "correction_id": [correction.id],
            "end_to_end_id": [order.end_to_end_id],
        }
