"""The proof of completeness: our books beside the chain at a final block, and pay-outs that wait
for one that holds."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text
from sqlmodel import col

from app.chain.errors import ChainError
from app.config import DatabaseRole, Settings
from app.outbox.models import Incident, OutboxItem, OutboxState
from app.outbox.service import enqueue
from app.reporting.completeness.models import CompletenessProof
from app.reporting.completeness.proving import newest, prove, why_pay_outs_wait
from app.rewards.models import Programme
from tests.support.chain_world import World
from tests.support.scripted_node import ScriptedNode, refuse

LEFT = text(
    "select extract(epoch from until - clock_timestamp())::float from lease where name = :name"
)
NEARLY_OVER = text(
    "update lease set until = clock_timestamp() + interval '20 seconds' where name = :name"
)


@pytest.fixture(scope="module")
def programme(world: World) -> Programme:
    """With three people's credits."""
    made = world.programme()
    world.deeds(made, world.citizens(3))
    world.cut(made)
    world.settle()
    return made


def change(settings: Settings, *statements: str) -> None:
    """As nobody but the tables' owner can."""
    owner = create_engine(settings.database_url(DatabaseRole.MIGRATOR))
    with owner.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    owner.dispose()


def whole(world: World) -> CompletenessProof:
    return prove(world.edge, world.fence, world.folder, whole=True)


def alarms(world: World) -> list[str]:
    with world.services.database.session() as session:
        query = select(Incident).where(
            col(Incident.code) == "completeness_failed", col(Incident.acknowledged_at).is_(None)
        )
        return [one.detail for one in session.scalars(query)]


@pytest.mark.usefixtures("programme")
def test_it_holds_and_lies_in_the_store_with_its_hash(world: World) -> None:
    proof = whole(world)
    assert (proof.holds, proof.accounts, proof.difference) == (True, 3, None)
    content = (world.folder / proof.artefact).read_bytes()
    assert hashlib.sha256(content).digest() == proof.sha256
    said = json.loads(content)
    assert (said["holds"], said["batches"], said["compared"]) == (True, 1, 3)
    assert said["block"] == {"number": proof.block_number, "hash": f"0x{proof.block_hash.hex()}"}
    assert [one["supply"] for one in said["programmes"]] == ["300"]
    assert said["running_hash"] != "0x" + "00" * 32


FIRST_IS_LAST = """update ledger_entry set address = (select max(address) from ledger_entry)
    where address = (select min(address) from ledger_entry)"""
CHANGES: dict[str, tuple[str, str]] = {
    "an entry": ("update ledger_entry set amount_cents = amount_cents + 1", "supply of programme"),
    "a balance": ("update balance set final_cents = final_cents + 1", "and its entries"),
    "two accounts": (FIRST_IS_LAST, "balance of"),
    "funding": ("delete from chain_log where event = 'FundingConfirmed'", "funded in programme"),
    "a batch": ("delete from chain_log where event = 'BatchCommitted'", "running hash"),
}


@pytest.mark.parametrize(("statement", "what"), CHANGES.values(), ids=CHANGES.keys())
def test_whatever_is_not_as_the_chain_has_it_is_found_and_alarms_until_it_is_mended(
    world: World, settings: Settings, programme: Programme, statement: str, what: str
) -> None:
    tables = ("ledger_entry", "balance", "chain_log")
    saved = [f"create table kept_{one} as select * from {one}" for one in tables]
    change(settings, *saved, statement)
    found = whole(world)
    assert not found.holds
    assert what in (found.difference or "")
    assert what in alarms(world)[0]
    said = json.loads((world.folder / found.artefact).read_text("utf-8"))
    assert said["differences"]
    for one in tables:
        change(settings, f"delete from {one}", f"insert into {one} select * from kept_{one}")
        change(settings, f"drop table kept_{one}")
    assert whole(world).holds
    assert not alarms(world)
    assert programme.token_address


@pytest.mark.usefixtures("programme")
def test_a_programme_of_which_we_know_nothing_is_found(world: World, settings: Settings) -> None:
    """The chain lists it, whatever our log tells; one without credits too."""
    lost = world.programme()
    world.settle()
    assert whole(world).holds
    chosen = f"event = 'ProgrammeCreated' and arguments->>'programmeId' = '0x{lost.chain_id.hex()}'"
    change(settings, f"create table kept as select * from chain_log where {chosen}",
           f"delete from chain_log where {chosen}")  # fmt: skip
    found = whole(world)
    change(settings, "insert into chain_log select * from kept", "drop table kept")
    assert (found.holds, f"token of programme 0x{lost.chain_id.hex()}: ours none") == (
        False, (found.difference or "").partition(",")[0],
    )  # fmt: skip
    assert whole(world).holds


@pytest.mark.usefixtures("programme")
def test_a_proof_of_many_accounts_keeps_its_lease(world: World, node: ScriptedNode) -> None:
    """The node takes its time over the figures: the lease is nearly over when accounts begin."""
    fence, left = world.fence, list[float]()

    def late(double: ScriptedNode, method: str, asked: list[Any]) -> dict[str, Any]:
        with world.services.database.transaction() as session:
            if "0x70a08231" in asked[0]["data"]:  # balanceOf
                left.append(session.execute(LEFT, {"name": fence.name}).scalar_one())
            else:
                session.execute(NEARLY_OVER, {"name": fence.name})
        return double.real(method, asked)

    node.when("eth_call", late)
    assert prove(world.edge, fence, world.folder, whole=True).holds
    assert left
    assert min(left) > fence.seconds / 2


def pay_out_row(world: World) -> OutboxItem:
    """Of a shop that never was: the chain would refuse it, if it ever went out."""
    with world.transaction() as (session, now):
        programme = session.scalars(select(Programme)).first()
        assert programme is not None
        payload: dict[str, Any] = {"reference": b"\x07" * 32, "programme_id": programme.chain_id}
        payload |= {"payees": ["0x" + "12" * 20], "amounts": [1]}
        return enqueue(session, kind="pay_out", key="07" * 32, payload=payload, now=now)


def row(world: World, made: OutboxItem) -> tuple[OutboxState, str]:
    """Due again at once."""
    with world.transaction() as (session, _):
        found = session.get_one(OutboxItem, made.id)
        found.not_before = None
        return found.state, found.last_error or ""


@pytest.mark.usefixtures("programme")
def test_a_pay_out_waits_for_a_proof_that_holds_and_says_why(
    world: World, settings: Settings, node: ScriptedNode
) -> None:
    assert whole(world).holds
    made = pay_out_row(world)
    world.send()
    state, why = row(world, made)
    assert (state, "our books are held to the chain first" in why) == (OutboxState.WAITING, True)
    node.when("eth_call", refuse(-32000, "missing trie node 1b5a (path )"))
    with pytest.raises(ChainError):
        world.prove()
    node.calm()
    change(settings, "update balance set final_cents = final_cents + 1")
    failed = world.prove()
    assert failed is not None
    assert (failed.holds, failed.whole) == (False, False)
    world.send()
    state, why = row(world, made)
    assert (state, "they differ: balance of" in why) == (OutboxState.WAITING, True)
    assert world.prove() is None, "tried again later"
    change(settings, "update balance set final_cents = final_cents - 1")
    assert whole(world).holds
    world.send()
    assert "CompletenessUnproven" not in row(world, made)[1], "now the chain has the word"


@pytest.mark.usefixtures("programme")
def test_every_night_over_all_accounts_and_else_over_those_that_moved(
    world: World, settings: Settings
) -> None:
    change(settings, "delete from outbox_item where kind = 'pay_out'")
    assert whole(world).holds
    assert world.prove() is None, "nothing is due"
    with world.services.database.session() as session:
        programme = session.scalars(select(Programme)).first()
    assert programme is not None
    world.deeds(programme, world.citizens(1))
    world.cut(programme)
    world.settle()
    moved = prove(world.edge, world.fence, world.folder, whole=False)
    assert (moved.holds, moved.accounts) == (True, 1)
    change(settings, "update completeness_proof set at = at - interval '1 day'")
    nightly = world.prove()
    assert nightly is not None
    assert (nightly.whole, nightly.accounts, nightly.holds) == (True, 4, True)
    with world.services.database.session() as session:
        last = newest(session)
    assert last is not None
    assert last.at - nightly.at < timedelta(seconds=1)


@pytest.mark.usefixtures("programme")
def test_what_was_taken_and_closed_by_a_clock_that_was_ahead_proves_and_stops_nothing(
    world: World, settings: Settings
) -> None:
    """A database's host comes up a year ahead, and is put right: no proof was taken for a year."""
    change(settings, "delete from outbox_item where kind = 'pay_out'")
    ahead = whole(world)
    change(settings, "update completeness_proof set at = at + interval '1 year'")
    with world.services.database.session() as session:
        assert newest(session) is None
    made = pay_out_row(world)
    change(
        settings,
        "update outbox_item set created_at = created_at + interval '1 year' where kind = 'pay_out'",
    )
    world.send()
    assert "our books are held to the chain first" in row(world, made)[1]
    with world.services.database.session() as session:
        closed_at = session.get_one(OutboxItem, made.id).created_at
        assert why_pay_outs_wait(session, closed_at) == "unproven"
    proof = world.prove()
    assert proof is not None
    assert (proof.whole, proof.holds, proof.id == ahead.id) == (True, True, False)
    with world.services.database.session() as session:
        assert why_pay_outs_wait(session, closed_at) == ""
    world.send()
    assert "CompletenessUnproven" not in row(world, made)[1], "now the chain has the word"
