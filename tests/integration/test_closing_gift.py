"""What is left of an account that is closed goes to an association, or stays for the funder."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.clock import Clock
from app.db import uuid7
from app.errors import Problem
from app.identity import service as identity
from app.identity.models import Organisation, OrganisationKind
from app.mail_settings import Mail
from app.merchants.models import Payment, PaymentState
from app.rewards.money import ledger
from app.rights import closing
from tests.support.shop import Shop


def test_an_association_gets_what_is_left(db: Session, tmp_path: Path) -> None:
    """And the account holds nothing that anybody could spend."""
    now = Clock().now(db).replace(microsecond=0)
    shop = Shop(db, now)
    programme, payer = shop.programme(), shop.payer()
    account = shop.give(payer, programme, 1240)
    association = shop.merchant(programme)
    body = db.get_one(Organisation, association.organisation_id)
    body.kind = OrganisationKind.ASSOCIATION
    db.flush()
    mail = Mail(sender="civis@city.example", smtp_url=None, folder=tmp_path)
    gift = closing.Gift(association.organisation_id, shop.desk, payer)
    found = closing.close(db, payer.person_id, gift=gift, letters=mail, now=now)
    assert found.available_cents == 1240
    [paid] = db.scalars(select(Payment).where(col(Payment.payer_id) == payer.person_id))
    assert (paid.amount_cents, paid.state) == (1240, PaymentState.ACCEPTED)
    assert ledger.available(db, account.address, programme.id) == 0


def test_a_shop_or_an_unknown_body_gets_nothing_and_nothing_is_closed(
    db: Session, tmp_path: Path
) -> None:
    now = Clock().now(db).replace(microsecond=0)
    shop = Shop(db, now)
    programme, payer = shop.programme(), shop.payer()
    shop.give(payer, programme, 1240)
    mail = Mail(sender="civis@city.example", smtp_url=None, folder=tmp_path)
    for body in (shop.merchant(programme).organisation_id, uuid7()):
        gift = closing.Gift(body, shop.desk, payer)
        with pytest.raises(Problem) as refused:
            closing.close(db, payer.person_id, gift=gift, letters=mail, now=now)
        assert refused.value.code == "closing-receiver"
        assert identity.person(db, payer.person_id).closed_at is None


def test_nobody_gives_away_what_the_owner_s_own_key_keeps(db: Session, tmp_path: Path) -> None:
    now = Clock().now(db).replace(microsecond=0)
    shop = Shop(db, now)
    programme, payer = shop.programme(), shop.payer()
    account = shop.give(payer, programme, 1240, key=typed.new_key())
    association = shop.merchant(programme)
    body = db.get_one(Organisation, association.organisation_id)
    body.kind = OrganisationKind.ASSOCIATION
    db.flush()
    mail = Mail(sender="civis@city.example", smtp_url=None, folder=tmp_path)
    gift = closing.Gift(association.organisation_id, shop.desk, payer)
    with pytest.raises(Problem) as refused:
        closing.close(db, payer.person_id, gift=gift, letters=mail, now=now)
    assert refused.value.code == "closing-own-key"
    assert ledger.available(db, account.address, programme.id) == 1240
    closing.close(db, payer.person_id, gift=None, letters=mail, now=now)
    assert identity.person(db, payer.person_id).closed_at == now
