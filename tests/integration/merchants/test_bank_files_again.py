"""Bank files out of the artefact store, in a database that has forgotten them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.backup.ends_of_money import doubted
from app.backup.replaying import replay
from app.errors import Problem
from app.merchants import bank_files, registration
from app.merchants.bank_files_kept import files_again
from app.merchants.models import BankOrder, PayOut, PayOutState
from tests.integration.merchants.test_pay_outs import CITY, CUT_OFF, NOW, Trade, closed
from tests.support.shop import Shop


def _burned(db: Session) -> PayOut:
    """Sold for ten tokens, burned and owed."""
    shop = Shop(db, NOW)
    programme = shop.programme()
    merchant, payer = shop.merchant(programme, fee=250), shop.payer()
    shop.give(payer, programme, 10_000)
    trade = Trade(shop, programme, merchant, payer)
    trade.sell(1000)
    pay_out = closed(trade)
    trade.burn(pay_out)
    return pay_out


@pytest.mark.parametrize("known", [0, 1])
def test_of_two_files_that_come_back_the_last_counts(
    db: Session, known: int, tmp_path: Path
) -> None:
    """Whether the books know neither, or the first as it was ordered."""
    pay_out = _burned(db)
    lost = db.begin_nested()
    for number in range(2):
        sent = {"debtor": CITY, "folder": tmp_path, "by": uuid4(), "now": CUT_OFF}
        file = bank_files.make_bank_file(db, **sent)  # type: ignore[arg-type]
        if number < known:
            lost.commit()
            lost = db.begin_nested()
        order = db.scalars(select(BankOrder).where(col(BankOrder.bank_file_id) == file.id)).one()
        if number == 0:
            said = {"reason": "AC04 account closed", "by": uuid4(), "now": CUT_OFF}
            bank_files.refuse_transfer(db, order_id=order.id, **said)  # type: ignore[arg-type]
    lost.rollback()
    db.expire_all()
    remarks = files_again(db, tmp_path, frozenset(), CUT_OFF)
    assert not [one for one in remarks if "no book knows" in one]
    orders = db.scalars(select(BankOrder).order_by(col(BankOrder.id))).all()
    assert [(one.state.value, one.bank_file_id == file.id) for one in orders] == [
        ("refused", False),
        ("ordered", True),
    ]
    assert pay_out.state is PayOutState.ORDERED
    with pytest.raises(Problem, match="nothing-to-transfer"):
        bank_files.make_bank_file(db, debtor=CITY, folder=tmp_path, by=uuid4(), now=CUT_OFF)


@pytest.mark.parametrize("done", [True, False])
def test_an_account_that_a_shop_has_left_is_not_paid_to_again(
    db: Session, done: bool, tmp_path: Path
) -> None:
    """The books know the one before alone. Whether its change was committed doesn't matter."""
    pay_out = _burned(db)
    shop = pay_out.merchant_id
    sent = {"debtor": CITY, "folder": tmp_path, "by": uuid4(), "now": CUT_OFF}
    kind, ids = journal.BANK_DETAILS_CONFIRMED, {"merchant": str(shop)}
    changed = journal.Reading((journal.Entry(uuid4(), CUT_OFF, kind, ids, done),), 0)
    assert replay(db, changed, CUT_OFF).done == {kind: 1}
    with pytest.raises(Problem, match="nothing-to-transfer"):
        bank_files.make_bank_file(db, **sent)  # type: ignore[arg-type]
    [waits] = doubted(db)
    assert "is confirmed anew" in waits
    later = CUT_OFF + timedelta(days=1)
    said = registration.propose_bank_details(db, merchant_id=shop, account=CITY, by=None, now=later)
    registration.confirm_bank_details(db, merchant_id=shop, by=uuid4(), now=later, seen=said.id)
    assert bank_files.make_bank_file(db, **sent).transfers == 1  # type: ignore[arg-type]
    assert replay(db, changed, later).done == {}, "the next restore is told it still"
    assert doubted(db) == []
