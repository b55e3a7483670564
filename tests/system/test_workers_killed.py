"""Workers and node killed for real while batches are on their way: all settle, once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.chain import typed
from app.chain.models import ChainCursor
from app.embedded.rpc import Rpc
from app.outbox.models import ChainTransaction, Incident, OutboxItem, OutboxState, TransactionState
from app.rewards.models import Balance, Batch, BatchState, Funding, LedgerEntry, Programme
from app.running import Running
from app.services import Services, connect
from tests.conftest import temporary_home
from tests.support.chain_rows import fund, new_deed, new_person, new_programme
from tests.support.processes import alive, eventually
from tests.support.system import (
    ROOT,
    System,
    end_system,
    launch,
    running_system,
    standing_still,
    wait_ready,
)

CENTS = 100
ORDER = list(TransactionState)
WAVES = 3
PATIENCE = 90


@pytest.fixture
def system() -> Iterator[System]:
    """Without the demo city: what is there is what the test put there."""
    with temporary_home() as home, running_system(home, CIVIS_DEMO="0") as running:
        yield running


@pytest.mark.kill
def test_killed_at_the_worst_moments_everything_settles_once(system: System) -> None:
    parts = connect(system.settings)
    programme = begin(parts)
    with standing_still(system):
        system.kill("workers")
        deeds(parts, programme)
        killed_between_storing_and_sending(system, parts)
        killed_after_sending(system, parts)
        killed_inside_a_range(system, parts)
    await_workers(system)
    deeds(parts, programme)
    await_state(parts, TransactionState.BROADCAST)
    parts.database.dispose()
    killed_node(system)
    parts = connect(system.settings)
    deeds(parts, programme)
    assert eventually(lambda: settled(parts, WAVES), PATIENCE), report(parts)
    assert_each_once(parts, WAVES)
    parts.database.dispose()


def killed_between_storing_and_sending(system: System, parts: Services) -> None:
    sabotaged(system, parts, "stored")
    with parts.database.session() as session:
        row = newest_batch(session)
        assert row is not None
        assert row.state is TransactionState.PREPARED
        assert mined(system, row) is None, "nothing has left the process"


def killed_after_sending(system: System, parts: Services) -> None:
    """The same bytes, sent by the next process."""
    sabotaged(system, parts, "sent")
    with parts.database.session() as session:
        row = newest_batch(session)
        assert row is not None
        assert row.state is TransactionState.PREPARED, "it died before it could note that"
        assert eventually(lambda: mined(system, row) is not None)


def killed_inside_a_range(system: System, parts: Services) -> None:
    sabotaged(system, parts, "range")
    with parts.database.session() as session:
        assert session.scalar(select(func.count()).select_from(LedgerEntry)) == 0
        row = newest_batch(session)
        assert row is not None
        assert session.get_one(ChainCursor, "final").number < (mined(system, row) or 0)


def sabotaged(system: System, parts: Services, point: str) -> None:
    """A real worker that is killed at that instant; leases of the one before it are over."""
    with parts.database.transaction() as session:
        session.execute(text("update lease set until = clock_timestamp()"))
    command = [sys.executable, "-m", "tests.support.saboteur", point]
    environ = {**system.environ(), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-3000:]


def mined(system: System, row: ChainTransaction) -> int | None:
    """The block that the chain has it in."""
    running = Running.read(system.home)
    assert running
    with Rpc(running.node_port) as rpc:
        receipt = rpc("eth_getTransactionReceipt", "0x" + row.hash.hex())
    return int(receipt["blockNumber"], 16) if receipt else None


def newest_batch(session: Session) -> ChainTransaction | None:
    query = select(ChainTransaction).where(col(ChainTransaction.kind) == "commit_batch")
    return session.scalars(query.order_by(col(ChainTransaction.id).desc())).first()


def killed_node(system: System) -> None:
    """SIGKILL of node and workers together, then the end and a new start on the same home."""
    system.kill("anvil")
    system.kill("workers")
    end_system(system)
    launch(system)
    wait_ready(system)


def begin(parts: Services) -> Programme:
    with parts.database.transaction() as session:
        now = parts.clock.now(session)
        programme = new_programme(session, now, {})
        fund(session, programme, 1_000_000, now)

    def funded() -> bool:
        """As the indexer tells it: the confirmer may be ahead, and no batch is cut on its word."""
        with parts.database.session() as session:
            left = select(func.count()).where(col(OutboxItem.state) != OutboxState.FINAL)
            told = select(func.count()).where(col(Funding.final_at).is_not(None))
            return session.scalar(left) == 0 and session.scalar(told) == 1

    assert eventually(funded, PATIENCE), report(parts)
    return programme


def deeds(parts: Services, programme: Programme) -> None:
    """Three people's, due at once."""
    with parts.database.transaction() as session:
        now = parts.clock.now(session)
        for _ in range(3):
            address = typed.address_of(typed.new_key())
            person = new_person(session, now)
            session.add(new_deed(programme, person, address, now, CENTS))


def await_state(parts: Services, state: TransactionState) -> None:
    """Until the newest deeds' batch is carried by a transaction that is there, or further."""

    def reached() -> bool:
        with parts.database.session() as session:
            due = select(func.count()).where(col(Action.state) == ActionState.AUTHENTICATED)
            newest = newest_batch(session)
            return bool(
                newest is not None
                and session.scalar(due) == 0
                and ORDER.index(newest.state) >= ORDER.index(state)
            )

    assert eventually(reached, PATIENCE), report(parts)


def await_workers(system: System) -> None:
    assert eventually(lambda: alive(system.pid("workers")), PATIENCE)


def settled(parts: Services, waves: int) -> bool:
    with parts.database.session() as session:
        open_items = select(func.count()).where(col(OutboxItem.state) != OutboxState.FINAL)
        credited = select(func.count()).select_from(LedgerEntry)
        return session.scalar(open_items) == 0 and session.scalar(credited) == 3 * waves


def assert_each_once(parts: Services, waves: int) -> None:
    with parts.database.session() as session:
        balances = list(session.scalars(select(col(Balance.final_cents))))
        assert balances == [CENTS] * 3 * waves
        assert set(session.scalars(select(col(Batch.state)))) == {BatchState.FINAL}
        states = set(session.scalars(select(col(ChainTransaction.state))))
        assert states == {TransactionState.FINAL}, "nothing was sent in vain"
        assert list(session.scalars(select(col(Incident.detail)))) == []


def report(parts: Services) -> str:
    with parts.database.session() as session:
        items = session.scalars(select(OutboxItem)).all()
        rows = session.scalars(select(ChainTransaction)).all()
    return (
        f"{[(i.kind, i.state, i.last_error) for i in items]} {[(t.nonce, t.state) for t in rows]}"
    )
