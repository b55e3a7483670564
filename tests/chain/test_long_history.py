"""A round of sender and confirmer reads what is open, whatever was settled before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, text

from app.outbox.idle import IDLE, idle_keys
from app.outbox.models import ChainTransaction, Incident, OutboxItem, OutboxState, TransactionState
from app.rewards.models import Batch, BatchState, Programme
from tests.support.chain_world import DEPTH, World

SETTLED = 2_000
OPEN = 3
GROWING = {"chain_transaction", "outbox_item", "batch", "incident"}

Statement = tuple[str, Any]


@pytest.fixture(scope="module")
def history(world: World, programme: Programme) -> World:
    """Years of settled batches, and a few that wait."""
    address = world.signer.address_of("deployer")  # sends nothing, so that no nonce is missing
    with world.transaction() as (session, now):
        for number in range(SETTLED):
            session.add_all(_settled(number, programme, address, now))
    for _ in range(OPEN):
        world.deeds(programme, world.citizens(1))
        assert world.cut(programme) is not None
    with world.transaction() as (session, _):
        for table in GROWING:
            session.execute(text(f"analyze {table}"))
    return world


def _settled(number: int, programme: Programme, address: str, now: datetime) -> list[Any]:
    mark = number.to_bytes(32, "big")
    same: dict[str, Any] = {"kind": "commit_batch", "signer": "minter"}
    bytes_: dict[str, Any] = {"raw": mark, "hash": mark, "signed_at": now, "nonce": number}
    sums: dict[str, Any] = {
        "action_count": 1,
        "reward_cents": 1,
        "credits": [],
        "artefact": "",
        "root": mark,
    }
    return [
        ChainTransaction(
            signer_address=address, chain_id=1, state=TransactionState.FINAL, **same, **bytes_
        ),
        OutboxItem(key=mark.hex(), payload={}, state=OutboxState.FINAL, created_at=now, **same),
        Batch(
            id=mark, programme_id=programme.id, state=BatchState.CANCELLED, created_at=now, **sums
        ),
        Incident(at=now, code="lagging", detail="", acknowledged_at=now),
    ]


@contextmanager
def heard(world: World) -> Iterator[list[Statement]]:
    """What is asked of the database."""
    statements: list[Statement] = []

    def hear(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        statements.append((statement, given))

    engine = world.services.database.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def scanned(world: World, statement: Statement) -> set[str]:
    """The growing tables that its plan reads whole."""
    words, given = statement
    with world.services.database.engine.connect() as connection:
        answer = connection.exec_driver_sql(f"explain (format json) {words}", given)
        return _scanned(answer.scalar_one()[0]["Plan"]) & GROWING


def _scanned(plan: dict[str, Any]) -> set[str]:
    own = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set[str]()
    return own.union(*(_scanned(one) for one in plan.get("Plans", [])))


def test_a_round_reads_no_table_whole_that_grows_with_what_is_settled(history: World) -> None:
    with heard(history) as statements:
        assert history.send()
        history.mine(DEPTH + 1)
        assert history.confirm()
    asked = [one for one in statements if one[0].startswith(("SELECT", "UPDATE"))]
    touched = {table for words, _ in asked for table in GROWING if table in words}
    assert touched == GROWING
    assert [words for words, given in asked if scanned(history, (words, given))] == []


def test_a_look_for_keys_that_send_nothing_reads_no_transactions_whole(history: World) -> None:
    """Nor any for a key whose rows have not been due for long."""
    with heard(history) as statements, history.transaction() as (session, now):
        assert idle_keys(session, now) == {}
    assert not [words for words, _ in statements if "chain_transaction" in words]
    with heard(history) as statements, history.transaction() as (session, now):
        assert idle_keys(session, now + 2 * IDLE).keys() == {"minter"}
    asked = [one for one in statements if one[0].startswith("SELECT")]
    assert [words for words, given in asked if scanned(history, (words, given))] == []
