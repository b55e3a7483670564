"""What is sent on to a new account and refused for good is free again: nothing led out of there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.chain.contracts.failures import settle_refusal
from app.chain.errors import Reverted
from app.chain.typed_recovery import Forward
from app.outbox import operator
from app.outbox.models import OutboxItem, OutboxState
from app.outbox.operator import By
from app.recovery.forwarding import forward_next
from app.recovery.moves import ON_FAILURE
from app.rewards.money import ledger
from tests.support.shop import Shop

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
RECOVERY = typed.Domain("civis.recovery", 31337, typed.address_of(b"\x09" * 32), b"\x05" * 32)


class Acceptor:
    def accept_forward(self, forward: Forward) -> bytes:
        assert forward.amount == 500
        return bytes(65)


@pytest.mark.parametrize("how", ["refused for good", "cancelled"])
def test_its_cents_are_free_and_go_again(db: Session, how: str) -> None:
    shop = Shop(db, NOW)
    programme = shop.programme()
    account = shop.give(shop.payer(), programme, 500)
    account.replaced_at = NOW - timedelta(days=1)
    db.flush()
    assert forward_next(db, RECOVERY, Acceptor(), NOW, set())
    row = db.scalars(select(OutboxItem).where(col(OutboxItem.kind) == "forward")).one()
    assert ledger.available(db, account.address, programme.id) == 0
    if how == "cancelled":
        settle_refusal(db, [row], Reverted("NobodyKnows", {}), NOW, ON_FAILURE)
        assert row.state is OutboxState.HELD
        operator.cancel(db, row.id, By("ana", "found out"), NOW, ON_FAILURE)
    else:
        settle_refusal(db, [row], Reverted("TokenExpired", {}), NOW, ON_FAILURE)
    assert row.state is OutboxState.FAILED
    assert ledger.available(db, account.address, programme.id) == 500
    assert forward_next(db, RECOVERY, Acceptor(), NOW, set()), "anew"
