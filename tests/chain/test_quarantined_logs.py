"""Logs that nobody understands are kept, hold up nothing, and are told once somebody does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.chain.contracts.codec import EventLog, decode_event
from app.chain.contracts.events import BatchCommitted, Listeners
from app.chain.indexing import indexer
from app.chain.indexing.finals import QUARANTINED, UNREADABLE
from app.chain.indexing.reading import Span
from app.chain.models import ChainBlock, ChainLog
from app.config import DatabaseRole, Settings
from app.db import Database
from app.outbox.models import Incident
from app.outbox.operator import By, NotPossibleError
from app.reporting.completeness.models import CompletenessProof
from app.reporting.completeness.proving import prove
from app.reporting.projecting import Compared, check_again
from app.reporting.telling import LISTENERS, tell_quarantined
from app.rewards.models import Batch, BatchState
from tests.support.chain_world import World

BY = By("a tester", "a newer version")


def again(world: World, settings: Settings, *, mend: bool = False) -> dict[str, Compared]:
    """As the tables' owner."""
    owner = Database(settings.database_url(DatabaseRole.MIGRATOR), pool_size=1)
    try:
        return check_again(replace(world.edge, database=owner), world.fence, mend=mend)[1]
    finally:
        owner.dispose()


def whole(world: World) -> CompletenessProof:
    return prove(world.edge, world.fence, world.folder, whole=True)


def arrives(world: World, listeners: Listeners) -> tuple[Batch, ChainLog]:
    """A batch of one, told to these, and its log."""
    programme = world.programme()
    world.deeds(programme, world.citizens(1))
    made = world.cut(programme)
    assert made is not None
    world.send()
    world.mine(5)
    world.confirm()
    indexer.run(world.edge, world.fence, listeners, Span(100, 100))
    with world.services.database.session() as session:
        sent = world.transactions()[-1]
        query = select(ChainLog).where(col(ChainLog.transaction_hash) == sent.hash)
        log = session.scalars(query.order_by(col(ChainLog.log_index).desc())).first()
        assert log is not None
        return session.get_one(Batch, made.id), log


def named(world: World, log: ChainLog) -> Incident:
    with world.services.database.session() as session:
        reference = f"{log.block_number}:{log.log_index}"
        query = (
            select(Incident)
            .where(col(Incident.reference) == reference)
            .where(col(Incident.code) == QUARANTINED)
        )
        return session.scalars(query).one()


@pytest.mark.parametrize(
    ("too_large", "said"), [(None, "KeyError"), (2**127, "DataError")], ids=["unknown", "too large"]
)
def test_what_a_handler_does_not_understand_waits_for_a_person_and_the_rest_goes_on(
    world: World, settings: Settings, too_large: int | None, said: str
) -> None:
    def confused(_event: BatchCommitted, session: Session) -> None:
        if too_large is None:
            raise KeyError("a kind of deed that this version does not know")
        session.execute(text("select cast(:number as bigint)"), {"number": too_large})

    *others, last = LISTENERS.handlers
    broken = Listeners((*others, {**last, BatchCommitted: confused}), LISTENERS.prepare)
    batch, log = arrives(world, broken)
    assert batch.state is BatchState.FROZEN, "nothing of it was half done"
    assert (log.event, said in (log.quarantined or "")) == ("BatchCommitted", True)
    assert "not understood" in named(world, log).detail
    assert arrives(world, LISTENERS)[0].state is BatchState.FINAL
    assert all(one.same for one in again(world, settings).values()), "the ledger has its credits"
    assert whole(world).holds
    assert [one.why for one in tell_quarantined(world.edge, BY)] == [None], "understood by now"
    settled(world, batch, log)


def settled(world: World, batch: Batch, log: ChainLog) -> None:
    """Whoever listens has heard of it, once."""
    with world.services.database.session() as session:
        told = session.get_one(Batch, batch.id)
        block = session.get_one(ChainBlock, log.block_hash)
        assert (told.state, told.final_at) == (BatchState.FINAL, block.block_time)
        mine = select(Action).where(col(Action.batch_id) == batch.id)
        assert {one.state for one in session.scalars(mine)} == {ActionState.SETTLED}
    assert named(world, log).acknowledged_at is not None
    assert tell_quarantined(world.edge, BY) == []


@pytest.mark.parametrize("unknown", [{"BatchCommitted"}, {"Transfer", "BatchCommitted"}])
def test_what_was_quarantined_is_told_once_it_is_understood(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch, unknown: set[str]
) -> None:
    def older(topics: Sequence[str], data: bytes) -> EventLog | None:
        found = decode_event(topics, data)
        return None if found and found.name in unknown else found

    monkeypatch.setattr(indexer, "decode_event", older)
    batch, log = arrives(world, LISTENERS)
    assert (batch.state, log.event, log.quarantined) == (BatchState.FROZEN, None, UNREADABLE)
    assert UNREADABLE in named(world, log).detail
    monkeypatch.undo()
    assert arrives(world, LISTENERS)[0].state is BatchState.FINAL, "what comes after it goes on"
    assert not whole(world).holds
    with pytest.raises(NotPossibleError, match="rebuild"):
        tell_quarantined(world.edge, BY)
    found = again(world, settings, mend=True)
    assert {name for name, one in found.items() if one.missing} == {
        "chain_log", "ledger_entry", "balance"
    }  # fmt: skip
    assert all(one.same for one in again(world, settings).values())
    with pytest.raises(NotPossibleError, match="prove"):
        tell_quarantined(world.edge, BY)
    assert whole(world).holds
    told = tell_quarantined(world.edge, BY)
    assert {one.event: one.why for one in told} == dict.fromkeys(unknown)
    settled(world, batch, log)
