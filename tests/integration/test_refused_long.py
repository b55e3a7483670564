"""What the chain refuses for long: one alarm a key and reason, however many rows it is."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.contracts.failures import settle, settle_refusal
from app.chain.errors import Reverted
from app.outbox import operator
from app.outbox.models import Incident, OutboxItem
from app.outbox.operator import By
from app.outbox.refused_long import PATIENCE
from app.outbox.service import enqueue

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PAUSED = Reverted("PauseInForce", {"family": 1, "until": 1_800_000_000})
RIGHTLESS = Reverted("AccessManagedUnauthorized", {"caller": "0x1"})


def rows(session: Session, number: int, signer: str | None = None) -> list[OutboxItem]:
    kind, payload = "anchor", {"kind": bytes(32), "day": 1, "root": bytes(32)}
    if signer:
        kind, payload = "block_account", {"programme_id": bytes(32), "account": "0x" + "1" * 40}
    keys = [uuid4().hex for _ in range(number)]
    return [
        enqueue(session, kind=kind, key=key, payload=payload, now=NOW, signer=signer)
        for key in keys
    ]


def refuse(session: Session, items: list[OutboxItem], error: Reverted, times: int) -> None:
    for _ in range(times):
        settle_refusal(session, items, error, NOW, {})


def alarms(session: Session) -> dict[str | None, str]:
    query = select(Incident).where(
        col(Incident.code) == "outbox_waits", col(Incident.acknowledged_at).is_(None)
    )
    return {one.reference: one.detail.partition(":")[0] for one in session.scalars(query)}


def test_one_for_each_key_and_reason_with_a_count(db: Session) -> None:
    many, others = rows(db, 12), rows(db, 2, "officer")
    key = many[0].signer
    refuse(db, many, PAUSED, PATIENCE - 1)
    assert alarms(db) == {}
    refuse(db, many, PAUSED, 1)
    refuse(db, others, PAUSED, PATIENCE)
    assert alarms(db) == {
        f"{key}:PauseInForce": f"key {key}, 12 rows refused for long",
        "officer:PauseInForce": "key officer, 2 rows refused for long",
    }
    refuse(db, many[:5], RIGHTLESS, 1)
    assert alarms(db)[f"{key}:PauseInForce"] == f"key {key}, 7 rows refused for long"
    lacking = f"{key}:AccessManagedUnauthorized"
    assert alarms(db)[lacking] == f"key {key}, 5 rows refused for long"


def test_it_ends_with_the_last_of_them(db: Session) -> None:
    one, two, three = rows(db, 3)
    refuse(db, [one, two, three], PAUSED, PATIENCE + 1)
    settle(db, one, NOW)
    refuse(db, [two], Reverted("NobodyKnows", {}), 1)
    assert [text.split(", ")[1] for text in alarms(db).values()] == ["1 rows refused for long"]
    operator.retry(db, three.id, By("ana", "it is over"), NOW)
    assert alarms(db) == {}
