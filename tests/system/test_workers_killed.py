"""Workers and node killed for real while batches are on their way: all settle, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.chain import typed
from app.outbox.models import ChainTransaction, Incident, OutboxItem, OutboxState, TransactionState
from app.rewards.models import Balance, Batch, BatchState, LedgerEntry, Programme
from app.services import Services, connect
from tests.conftest import temporary_home
from tests.support.chain_rows import fund, new_deed, new_person, new_programme
from tests.support.processes import alive, eventually
from tests.support.system import System, end_system, running_system, start_system, wait_ready

CENTS = 100
ORDER = list(TransactionState)
STATES = (TransactionState.PREPARED, TransactionState.BROADCAST, TransactionState.MINED)
PATIENCE = 90


@pytest.fixture
def system() -> Iterator[System]:
    """Without the demo city: what is there is what the test put there."""
    with temporary_home() as home, running_system(home, CIVIS_DEMO="0") as running:
        yield running


@pytest.mark.kill
def test_killed_again_and_again_everything_settles_once(system: System) -> None:
    parts = connect(system.settings)
    programme = begin(parts)
    for state in STATES:
        deeds(parts, programme)
        await_state(parts, state)
        kill_workers(system)
    waves = len(STATES) + 2
    deeds(parts, programme)
    await_state(parts, TransactionState.BROADCAST)
    parts.database.dispose()
    again = killed_node(system)
    try:
        parts = connect(again.settings)
        deeds(parts, programme)
        assert eventually(lambda: settled(parts, waves), PATIENCE), report(parts)
        assert_each_once(parts, waves)
    finally:
        parts.database.dispose()
        end_system(again)


def killed_node(system: System) -> System:
    """SIGKILL of node and workers together, then the end and a new start on the same home."""
    system.kill("anvil")
    kill_workers(system)
    end_system(system)
    again = start_system(system.home, CIVIS_DEMO="0")
    wait_ready(again)
    return again


def begin(parts: Services) -> Programme:
    with parts.database.transaction() as session:
        now = parts.clock.now(session)
        programme = new_programme(session, now, {})
        fund(session, programme, 1_000_000, now)

    def funded() -> bool:
        with parts.database.session() as session:
            left = select(func.count()).where(col(OutboxItem.state) != OutboxState.FINAL)
            known = session.get_one(Programme, programme.id).token_address is not None
            return known and session.scalar(left) == 0

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
            query = select(ChainTransaction).where(col(ChainTransaction.kind) == "commit_batch")
            newest = session.scalars(query.order_by(col(ChainTransaction.id).desc())).first()
            return bool(
                newest is not None
                and session.scalar(due) == 0
                and ORDER.index(newest.state) >= ORDER.index(state)
            )

    assert eventually(reached, PATIENCE), report(parts)


def kill_workers(system: System) -> None:
    assert eventually(lambda: alive(system.pid("workers")), PATIENCE)
    system.kill("workers")


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
