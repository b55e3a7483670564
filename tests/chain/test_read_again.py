"""What is made of the chain's events is, read again from zero, the same rows byte for byte; what
was changed since is found and made good. Logs that nobody can read are kept and hold up nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain import typed
from app.chain.contracts.codec import EventLog, decode_event
from app.chain.contracts.events import BatchCommitted, Listeners
from app.chain.indexing import indexer
from app.chain.indexing.finals import UNREADABLE
from app.chain.indexing.reading import Span
from app.chain.models import ChainCursor, ChainLog
from app.config import DatabaseRole, Settings
from app.db import Database
from app.outbox.models import Incident
from app.privacy.service import erase_subject
from app.reporting.index_command import command
from app.reporting.projecting import FINAL, Compared, check_again
from app.rewards.models import Batch, BatchState
from tests.support.chain_world import DEPTH, World
from tests.support.desk_orders import accept_orders, accounts_with_100_cents, register_payee
from workers.context import LISTENERS


@pytest.fixture(scope="module", autouse=True)
def credited(world: World) -> None:
    """Two programmes, and people with credits of several batches; one was erased since."""
    first, second = world.programme(), world.programme()
    people = world.citizens(3)
    for programme, who in ((first, people), (second, people[:1]), (first, people[1:])):
        world.deeds(programme, who)
        world.cut(programme)
        world.settle()
    with world.transaction() as (session, now):
        erase_subject(session, people[0][0].id, now)


def dumped(world: World) -> dict[str, list[str]]:
    """Every final row as PostgreSQL writes it."""
    with world.services.database.session() as session:
        final = session.get_one(ChainCursor, "final").number
        rows: dict[str, list[str]] = {}
        for table, where in FINAL.items():
            query = f"select cast(one as text) from {table} one where {where} order by 1"
            values = {"final": final} if ":final" in where else {}
            rows[table] = list(session.execute(text(query), values).scalars())
    return rows


def again(world: World, settings: Settings, *, mend: bool = False) -> dict[str, Compared]:
    """As the tables' owner."""
    owner = Database(settings.database_url(DatabaseRole.MIGRATOR), pool_size=1)
    try:
        return check_again(replace(world.edge, database=owner), world.fence, mend=mend)[1]
    finally:
        owner.dispose()


@pytest.mark.parametrize("blocks", [1, 1000])
def test_read_from_zero_it_is_the_same_byte_for_byte(
    world: World, settings: Settings, blocks: int
) -> None:
    before, edge = dumped(world), world.edge
    world.edge = replace(edge, chain=replace(edge.chain, log_range=blocks))
    found = again(world, settings, mend=True)
    world.edge = edge
    assert all(one.same for one in found.values()), found
    assert {name: one.rows for name, one in found.items()} == {
        name: len(rows) for name, rows in before.items()
    }
    assert len(before["ledger_entry"]) == 6
    assert dumped(world) == before


LATER = """update chain_block set block_time = block_time + interval '1s'
    where number <= (select number from chain_cursor where name = 'final')"""
CHANGES = {
    "chain_log": "update chain_log set data = '\\x00' where event = 'BatchCommitted'",
    "chain_block": LATER,
    "ledger_entry": "delete from ledger_entry",
    "balance": "update balance set final_cents = 0",
}


@pytest.mark.parametrize(("table", "change"), CHANGES.items(), ids=CHANGES.keys())
def test_whatever_was_changed_since_is_found_and_made_good(
    world: World, settings: Settings, table: str, change: str
) -> None:
    before = dumped(world)
    owner = create_engine(settings.database_url(DatabaseRole.MIGRATOR))
    with owner.begin() as connection:
        connection.execute(text(change))
    owner.dispose()
    changed = dumped(world)
    assert changed != before
    found = again(world, settings)
    assert [name for name, one in found.items() if not one.same] == [table]
    assert dumped(world) == changed, "looking changes nothing"
    again(world, settings, mend=True)
    assert dumped(world) == before


def test_a_balance_that_should_be_nothing_is_made_good(world: World, settings: Settings) -> None:
    """Its row is there in both: the account has spent all."""
    programme = world.programme()
    [payer] = accounts_with_100_cents(world, programme, 1)
    register_payee(world)
    accept_orders(world, programme, [payer], 100)
    world.settle()
    before, address = dumped(world), typed.address_of(payer)
    owner = create_engine(settings.database_url(DatabaseRole.MIGRATOR))
    with owner.begin() as connection:
        change = text("update balance set final_cents = 7 where address = :address")
        assert connection.execute(change, {"address": address}).rowcount == 1
    owner.dispose()
    assert again(world, settings, mend=True)["balance"].foreign == 1
    assert dumped(world) == before
    assert all(one.same for one in again(world, settings).values())


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
        query = select(Incident).where(col(Incident.reference) == reference)
        return session.scalars(query).one()


def test_what_a_handler_does_not_understand_waits_for_a_person_and_the_rest_goes_on(
    world: World, settings: Settings
) -> None:
    def confused(_event: BatchCommitted, _session: Session) -> None:
        raise KeyError("a kind of deed that this version does not know")

    *others, last = LISTENERS.handlers
    broken = Listeners((*others, {**last, BatchCommitted: confused}), LISTENERS.prepare)
    batch, log = arrives(world, broken)
    assert batch.state is BatchState.FROZEN, "nothing of it was half done"
    assert (log.event, "KeyError" in (log.quarantined or "")) == ("BatchCommitted", True)
    assert named(world, log).code == "log_quarantined"
    assert arrives(world, LISTENERS)[0].state is BatchState.FINAL
    assert all(one.same for one in again(world, settings).values()), "the ledger has its credits"


def test_a_log_that_nobody_can_read_is_kept_and_counts_once_somebody_can(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def older(topics: Sequence[str], data: bytes) -> EventLog | None:
        found = decode_event(topics, data)
        return None if found and found.name == "BatchCommitted" else found

    monkeypatch.setattr(indexer, "decode_event", older)
    batch, log = arrives(world, LISTENERS)
    assert (batch.state, log.event, log.quarantined) == (BatchState.FROZEN, None, UNREADABLE)
    assert UNREADABLE in named(world, log).detail
    monkeypatch.undo()
    assert arrives(world, LISTENERS)[0].state is BatchState.FINAL
    found = again(world, settings, mend=True)
    assert {name for name, one in found.items() if one.missing} == {
        "chain_log", "ledger_entry", "balance"
    }  # fmt: skip
    assert all(one.same for one in again(world, settings).values())


def test_the_command_says_so(world: World, settings: Settings) -> None:
    place = settings.deployment_file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(asdict(world.deployment)), "utf-8")
    environ = {
        "CIVIS_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url(DatabaseRole.APP).replace("+psycopg", ""),
        DatabaseRole.MIGRATOR.variable: settings.database_url(DatabaseRole.MIGRATOR).replace(
            "+psycopg", ""
        ),
        "CHAIN_RPC_URLS": world.node.url,
        "CHAIN_FINALITY_DEPTH": str(DEPTH),
        "PUBLIC_URL": "https://civis.example",
    }
    told = CliRunner(env=environ).invoke(command, ["check", "--json"])
    assert told.exit_code == 0, told.output
    rows = json.loads(told.output)["tables"]
    assert rows.keys() == FINAL.keys()
    assert not any(one["missing"] or one["foreign"] for one in rows.values())
    told = CliRunner(env=environ).invoke(command, ["prove", "--json"])
    assert (told.exit_code, json.loads(told.output)["holds"]) == (0, True), told.output
