"""Whatever step is cut short, whatever the node forgets: everything settles, once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action
from app.chain.contracts.codec import decode_event
from app.chain.contracts.events import Listeners
from app.chain.errors import ChainDiverged, Halted
from app.chain.indexing import indexer
from app.chain.indexing.reading import Span, read_some
from app.chain.models import ChainCursor, ChainLog
from app.chain.sending import sender
from app.outbox.models import Incident, KeyPause, OutboxState, TransactionState
from app.rewards.models import Batch, LedgerEntry, Programme
from app.rewards.money import ledger
from tests.support.chain_world import DEPTH, World


@pytest.fixture
def batch(world: World, programme: Programme) -> tuple[Batch, list[str]]:
    """Frozen and announced, with the addresses it credits 100 cents each."""
    people = world.citizens(3)
    world.deeds(programme, people)
    made = world.cut(programme)
    assert made is not None
    return made, [address for _, address in people]


def assert_settled_once(world: World, batch: tuple[Batch, list[str]]) -> None:
    world.settle()
    made, addresses = batch
    with world.services.database.session() as session:
        assert [ledger.available(session, address) for address in addresses] == [100] * 3
        credits_ = select(func.count()).where(col(LedgerEntry.reference) == made.id)
        assert session.scalar(credits_) == 3
    assert world.states() == {OutboxState.FINAL}


def test_stored_and_never_broadcast(world: World, batch: tuple[Batch, list[str]]) -> None:
    prepared = sender.prepare(world.edge, world.fence, "minter")
    assert prepared is not None
    world.mine()
    assert world.edge.client.receipt(prepared.hash) is None, "nothing has left the process yet"
    assert world.send() == 0, "the stored bytes go out before anything new is signed"
    assert_settled_once(world, batch)


def test_broadcast_and_never_noted(world: World, batch: tuple[Batch, list[str]]) -> None:
    prepared = sender.prepare(world.edge, world.fence, "minter")
    assert prepared is not None
    world.edge.client.send_raw(prepared.raw)
    world.send()  # the node knows these bytes already
    assert world.transactions()[-1].state is TransactionState.BROADCAST
    assert_settled_once(world, batch)


def test_mined_before_it_was_noted(world: World, batch: tuple[Batch, list[str]]) -> None:
    prepared = sender.prepare(world.edge, world.fence, "minter")
    assert prepared is not None
    world.edge.client.send_raw(prepared.raw)
    world.mine(DEPTH + 1)
    assert world.send() == 0
    assert world.confirm() == 1
    assert_settled_once(world, batch)


def test_pool_lost(world: World, batch: tuple[Batch, list[str]]) -> None:
    world.send()
    sent = world.transactions()[-1]
    world.node.rpc("anvil_dropTransaction", "0x" + sent.hash.hex())
    world.mine(2)
    assert world.edge.client.receipt(sent.hash) is None
    world.send()
    world.mine()
    assert world.edge.client.receipt(sent.hash) is not None, "the same bytes, sent again"
    assert_settled_once(world, batch)


def test_chain_went_back(world: World, batch: tuple[Batch, list[str]]) -> None:
    world.send()
    world.mine(2)
    world.confirm()
    world.index()
    sent = world.transactions()[-1]
    assert sent.state is TransactionState.MINED
    with world.services.database.session() as session:
        seen = select(func.count()).where(col(ChainLog.transaction_hash) == sent.hash)
        assert session.scalar(seen)
    world.node.rpc("anvil_rollback", 2)
    world.node.rpc("evm_increaseTime", 7)
    world.mine(2)
    assert world.edge.client.receipt(sent.hash) is None
    world.index()
    with world.services.database.session() as session:
        assert not session.scalar(seen), "what the chain took back is taken back here"
    world.confirm()
    assert world.transactions()[-1].state is TransactionState.BROADCAST
    assert_settled_once(world, batch)


def test_what_was_read_and_not_told_is_told_though_no_block_comes(world: World) -> None:
    world.index()
    world.mine(DEPTH + 2)
    assert indexer.follow(world.edge, world.fence, Span(1000, 1000))  # and then it was killed
    world.index()
    with world.services.database.session() as session:
        seen, final = (session.get_one(ChainCursor, one).number for one in ("seen", "final"))
    assert final == seen - DEPTH


def test_indexer_cut_short_tells_nobody_by_halves(
    world: World, batch: tuple[Batch, list[str]]
) -> None:
    world.send()
    world.mine(DEPTH + 1)

    def power_cut(_events: object, session: Session) -> None:
        session.flush()
        raise ConnectionError("the machine is off")

    broken = Listeners((), power_cut)
    with world.services.database.session() as session:
        before = session.get_one(ChainCursor, "final").number
    with pytest.raises(ConnectionError):
        indexer.run(world.edge, world.fence, broken, Span(1000, 1000))
    with world.services.database.session() as session:
        assert session.get_one(ChainCursor, "final").number == before
    assert_settled_once(world, batch)


def test_an_event_that_the_ledger_refuses_is_named_and_told_again_when_mended(
    world: World, batch: tuple[Batch, list[str]]
) -> None:
    world.send()
    world.mine(DEPTH + 1)

    def contradict(_events: object, session: Session) -> None:
        for _ in range(2):
            session.add(KeyPause(signer="nobody", at=world.services.clock.now(session), reason=""))
            session.flush()
            session.expunge_all()

    with pytest.raises(IntegrityError):
        indexer.run(world.edge, world.fence, Listeners((), contradict), Span(1000, 1000))
    with world.transaction() as (session, now):
        open_ones = select(Incident).where(col(Incident.acknowledged_at).is_(None))
        [incident] = session.scalars(open_ones)
        assert incident.code == "ledger_contradicts_chain"
        incident.acknowledged_at = now
    assert_settled_once(world, batch)


def test_batches_waiting_behind_each_other_keep_their_order(
    world: World, programme: Programme
) -> None:
    first, second = [_cut_one(world, programme) for _ in range(2)]
    assert world.send() == 1, "one unmined transaction per key"
    assert world.send() == 0
    world.settle()
    with world.services.database.session() as session:
        blocks = [session.get_one(Batch, made.id).block_number for made in (first, second)]
    assert blocks[0] is not None
    assert blocks[1] is not None
    assert blocks[0] < blocks[1]


def _cut_one(world: World, programme: Programme) -> Batch:
    world.deeds(programme, world.citizens(1))
    made = world.cut(programme)
    assert made is not None
    return made


def test_reading_again_from_zero_finds_the_same(world: World) -> None:
    """The raw logs of any span sizes are those that were read as the chain grew."""
    with world.services.database.session() as session:
        final = session.get_one(ChainCursor, "final").number
        logs = session.scalars(select(ChainLog).where(col(ChainLog.block_number) <= final))
        stored = {(log.block_hash, log.log_index, log.event) for log in logs}
    tokens = _tokens(world)
    read = set()
    first = world.edge.first_block
    while first <= final:
        last = min(final, first + 2)
        reading = read_some(
            world.edge.client,
            first,
            last,
            Span(3, 3),
            addresses=list(world.edge.addresses.values()),
            tokens=tokens,
        )
        for log in reading.logs:
            event = decode_event(log.topics, log.data)
            read.add((log.block_hash, log.log_index, event.name if event else None))
        first = last + 1
    assert read == stored
    assert None not in {name for _, _, name in read}


def _tokens(world: World) -> list[str]:
    with world.services.database.session() as session:
        return indexer.known_tokens(session)


def test_final_block_undone_stops_everything(world: World) -> None:
    """Last in this module: nothing moves afterwards."""
    world.node.rpc("anvil_rollback", DEPTH + 2)
    world.node.rpc("evm_increaseTime", 11)
    world.mine(DEPTH + 4)
    with pytest.raises(ChainDiverged):
        world.index()
    with world.services.database.session() as session:
        query = select(col(Incident.code)).where(col(Incident.acknowledged_at).is_(None))
        codes = set(session.scalars(query))
        actions = session.scalar(select(func.count()).select_from(Action))
    assert codes == {"chain_diverged"}
    assert actions
    for job in (world.send, world.confirm, world.index):
        with pytest.raises(Halted):
            job()
