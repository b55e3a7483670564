"""What is made of the chain's events is, read again from zero, the same rows byte for byte; what
was changed since is found and made good."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from app.chain import typed
from app.chain.models import ChainCursor
from app.config import DatabaseRole, Settings
from app.db import Database
from app.privacy.service import erase_subject
from app.reporting.index_command import command
from app.reporting.projecting import FINAL, Compared, check_again
from tests.support.chain_world import DEPTH, World
from tests.support.desk_orders import accept_orders, accounts_with_100_cents, register_payee


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
    told = CliRunner(env=environ).invoke(command, ["tell", "--reason", "test"])
    assert (told.exit_code, told.output) == (0, "Nothing is in quarantine.\n")
