"""What a slip's orders count on: each account once, in the order in which everybody locks them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.errors import Problem
from app.merchants import slips
from app.rewards.models import Programme
from app.rewards.money import ledger
from tests.support.shop import Shop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LOW, HIGH = "0x" + "1" * 40, "0x" + "a" * 40


def _order(number: int, payer: str, programme: Programme, cents: int) -> dict[str, Any]:
    named = {"payer": payer, "programme_id": "0x" + programme.chain_id.hex(), "amount": cents}
    return {"key": f"{number:064x}", "payload": {"order": named}}


def test_two_orders_on_one_account_count_on_its_cents_once(db: Session) -> None:
    shop = Shop(db, NOW)
    programme = shop.programme()
    shop.balance(LOW, programme, 500)
    both = [_order(number, LOW, programme, 300) for number in range(2)]
    with pytest.raises(Problem, match="slip-not-covered"):
        slips._check_covered(db, both, slips._free_of(db, both), NOW)
    shop.balance(LOW, programme, 100)
    slips._check_covered(db, both, slips._free_of(db, both), NOW)


def test_accounts_are_locked_in_the_order_of_their_addresses(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, locked = Shop(db, NOW), list[str]()
    programme, lock = shop.programme(), ledger.lock_account
    for address in (HIGH, LOW):
        shop.balance(address, programme, 500)

    def noted(session: Session, address: str, programme_id: Any) -> int:
        locked.append(address)
        return lock(session, address, programme_id)

    monkeypatch.setattr(ledger, "lock_account", noted)
    parts = [_order(1, HIGH, programme, 300), _order(2, LOW, programme, 300)]
    slips._free_of(db, parts)
    assert locked == [LOW, HIGH]
