"""A row that concerns one account or one day holds back nobody else's, whatever it waits for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.outbox.models import OutboxItem, OutboxState
from app.outbox.queue import next_items
from app.outbox.service import enqueue

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SIGNED = {"acceptor_signature": bytes(65)}
ACCOUNT = "0x" + "1" * 40
FORWARDED = {"programme_id": bytes(32), "sender": ACCOUNT, "amount": 5, "nonce": bytes(32)}
PAYLOADS: dict[str, dict[str, Any]] = {
    "anchor": {"kind": bytes(32), "day": 1, "root": bytes(32)},
    "cancel_batch": {"batch_id": bytes(32)},
    "execute_recovery": {"recovery_id": bytes(32), "holds": 0, **SIGNED},
    "forward": {"forwarded": FORWARDED, **SIGNED},
    "move_account": {
        "move": FORWARDED | {"receiver": ACCOUNT},
        "owner_signature": bytes(65),
        **SIGNED,
    },
}


def rows(session: Session, kind: str) -> tuple[OutboxItem, OutboxItem]:
    first, second = (
        enqueue(session, kind=kind, key=key, payload=PAYLOADS[kind], now=NOW) for key in "ab"
    )
    return first, second


@pytest.mark.parametrize("kind", PAYLOADS)
def test_one_that_is_held_or_waits_lets_the_next_go(db: Session, kind: str) -> None:
    first, second = rows(db, kind)
    assert next_items(db, first.signer, NOW) == [first]
    first.not_before = NOW + timedelta(minutes=5)
    db.flush()
    assert next_items(db, first.signer, NOW) == [second]
    first.state, first.not_before = OutboxState.HELD, None
    db.flush()
    assert next_items(db, first.signer, NOW) == [second]
