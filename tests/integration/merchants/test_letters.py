"""Who pays, or is given something back, is told so in their language."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.db import uuid7
from app.identity import service as identity
from app.identity.models import IdentityLevel
from app.mail_models import OutgoingMail
from app.merchants import payments, refunds
from app.merchants.acceptance import accept_payment
from app.merchants.signing import Payer
from app.privacy.service import open_for_service
from tests.support.shop import Shop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WORDS = {
    "en": ("Paid: 3.20 tokens at Boulangerie", "Refunded: 1.00 token by Boulangerie"),
    "fr": ("Payé : 3,20 jetons chez Boulangerie", "Remboursé : 1,00 jeton par Boulangerie"),
}


def subjects(db: Session) -> list[str]:
    """Of all letters that wait, in the order in which they were written."""
    rows = db.scalars(select(OutgoingMail).order_by(col(OutgoingMail.id)))
    opened = (open_for_service(db, "mail", row.sealed, row.id.bytes) for row in rows)
    return [json.loads(content)["subject"] for content in opened]


@pytest.mark.parametrize("language", WORDS)
def test_paid_and_refunded_are_told(db: Session, language: str) -> None:
    shop = Shop(db, NOW)
    programme = shop.programme()
    merchant = shop.merchant(programme)
    person = identity.register_person(
        db,
        f"citizen-{uuid4().hex[:8]}@demo.example",
        level=IdentityLevel.CONTACT,
        now=NOW,
        language=language,
    )
    payer = Payer(person.id, uuid7())
    shop.give(payer, programme, 500)
    before = len(subjects(db))
    asked = payments.request_payment(
        db, merchant_id=merchant.organisation_id, amount_cents=320, label=None, by=None, now=NOW
    )
    for _ in range(2):  # pressed again: one letter
        accept_payment(db, payer=payer, payment_id=asked.id, desk=shop.desk, now=NOW)
    refunds.refund_payment(
        db,
        merchant_id=merchant.organisation_id,
        payment_id=asked.id,
        amount_cents=100,
        asked=refunds.Asked(shop.desk, uuid4(), uuid4(), NOW),
    )
    assert tuple(subjects(db)[before:]) == WORDS[language]
