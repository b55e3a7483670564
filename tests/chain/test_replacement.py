"""Desk and registry are replaced under load: nothing accepted is lost, the audit spans both."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlmodel import col

from app.backup.matching import _committed
from app.chain import typed
from app.chain.deploying.decide_command import command as decide_command
from app.chain.deploying.draft_command import command as draft_command
from app.chain.deploying.replace_command import command as replace_command
from app.chain.deploying.role_keys import ensure_role_keys
from app.chain.errors import UnknownContract
from app.chain.models import ChainCursor
from app.config import ConfigError, DatabaseRole
from app.keyfiles import write_private
from app.merchants.retire_command import command as retire_command
from app.outbox.models import Incident, OutboxState
from app.reporting.audit.evidence import Places
from app.reporting.audit.run import AGREES, audit, in_words
from app.reporting.completeness.proving import prove
from app.reporting.index_command import command as index_command
from app.rewards.models import Programme
from app.rewards.money import ledger
from app.services import Services
from tests.support.chain_world import DEPTH
from tests.support.desk_orders import (
    PAYEE,
    register_payee,
)
from tests.support.public_side import Citizen, PublicSide
from tests.support.replaced import Desks, Handed, ask, hand_over, hurry, replace_desk, seen_block
from tests.support.replacing import (
    MEMBERS_STEPS,
    name_in_force,
    name_in_record,
    self_mining,
    take_up,
)


@pytest.fixture(scope="module", autouse=True)
def written(side: PublicSide) -> None:
    """The record as a deployment leaves it, and a shop."""
    side.world.services.settings.deployment_file.write_text(
        json.dumps(asdict(side.world.deployment)), "utf-8"
    )
    register_payee(side.world)


@pytest.fixture(scope="module")
def record(services: Services) -> Path:
    return services.settings.deployment_file


@pytest.fixture(scope="module")
def people(side: PublicSide) -> list[Citizen]:
    return side.world.citizens(6)


@pytest.fixture(scope="module")
def desks(side: PublicSide, record: Path, programme: Programme) -> Desks:
    return replace_desk(side, record, programme)


@pytest.fixture(scope="module")
def handed(side: PublicSide, desks: Desks, programme: Programme, people: list[Citizen]) -> Handed:
    assert desks.new in side.world.edge.heard
    return hand_over(side, programme, people)


def test_accepted_orders_settle_on_the_old_desk_and_new_ones_on_the_new(
    side: PublicSide, desks: Desks
) -> None:
    for orders, desk, other in (
        (desks.before, desks.old, desks.new),
        (desks.after, desks.new, desks.old),
    ):
        for name in orders:
            assert ask(side, "PaymentDesk", desk, "isExecuted", name)
            assert not ask(side, "PaymentDesk", other, "isExecuted", name)


def test_the_books_hold_what_both_desks_did_once(
    side: PublicSide, programme: Programme, desks: Desks
) -> None:
    with side.world.services.database.session() as session:
        left = [ledger.final_balance(session, typed.address_of(key)) for key in desks.payers]
        taken = ledger.final_balance(session, typed.address_of(PAYEE), programme.id)
        assert "outbox_held" not in set(session.scalars(select(col(Incident.code))))
    spent = 10 + 20 + 5 + 7
    assert left == [100 - spent + 4, 100 - spent, 100 - spent]
    assert taken == 3 * spent - 4


def test_nothing_is_read_past_a_contract_that_the_record_does_not_know(
    side: PublicSide, record: Path, handed: Handed
) -> None:
    world = side.world
    with pytest.raises(UnknownContract, match=handed.made.address):
        world.index()
    stopped = seen_block(side)
    with world.services.database.session() as session:
        assert "unknown_contract" in set(session.scalars(select(col(Incident.code))))
    name_in_record(world, record, handed.made)
    world.index()
    assert seen_block(side) > stopped


def test_books_go_on_in_the_next_registry(
    side: PublicSide, record: Path, programme: Programme, people: list[Citizen], handed: Handed
) -> None:
    world, new = side.world, handed.made.address
    assert ask(side, "ActionRegistry", new, "batchCount") == handed.count
    assert ask(side, "ActionRegistry", new, "runningHash") == handed.running
    world.send()  # the same bytes, which the old one refuses now
    world.mine(DEPTH + 1)
    world.confirm()
    assert "RegistryNotInForce" in str(world.rows()[-1])
    assert OutboxState.WAITING in world.states()
    name_in_force(world, record, handed.made)
    hurry(side)
    world.settle()
    assert ask(side, "ActionRegistry", new, "batchCount") == handed.count + 1
    assert ask(side, "ActionRegistry", handed.old, "batchCount") == handed.count
    nothing = "0x" + bytes(32).hex()
    assert ask(side, "ActionRegistry", new, "batchRoot", handed.batch) != nothing
    assert ask(side, "ActionRegistry", handed.old, "batchRoot", handed.batch) == nothing
    side.reverse(handed.published)
    side.deeds(programme, people, "glass-recycling")
    assert side.publish(programme) is not None, "corrections of what the old one published"


Run = Callable[..., Result]


@pytest.fixture
def run(side: PublicSide, record: Path, tmp_path: Path) -> Run:
    """A command, as the signer's system user runs it; keys lie in `tmp_path`."""
    world = side.world
    for name, key in world.signer.keys.items():
        write_private(tmp_path / name, key.hex())
    ensure_role_keys(tmp_path / "home")
    environ = {
        "CIVIS_HOME": str(tmp_path / "home"),
        "DATABASE_URL": world.services.settings.database_url(DatabaseRole.APP),
        "DATABASE_URL_MIGRATOR": world.services.settings.database_url(DatabaseRole.MIGRATOR),
        "PUBLIC_URL": "https://civis.example",
        "CHAIN_RPC_URLS": world.node.url,
        "CHAIN_FINALITY_DEPTH": "0",
        "CHAIN_DEPLOYMENT": str(record),
        "DEPLOYER_KEY_FILE": str(tmp_path / "deployer"),
    }
    return lambda command, *words: CliRunner().invoke(command, list(map(str, words)), env=environ)


def test_the_commands_put_a_third_in_its_place(
    side: PublicSide, record: Path, handed: Handed, run: Run, tmp_path: Path
) -> None:
    world, file = side.world, tmp_path / "registry.json"
    with self_mining(world):
        prepared = run(replace_command, "prepare", "ActionRegistry", "--to", file)
        address = prepared.stdout.split()[1]
        early = run(replace_command, "finish", address)
        assert "is not in force" in str(early.exception)
        stranger = run(decide_command, file, "--key-file", tmp_path / "settler")
        assert isinstance(stranger.exception, ConfigError)
        for member, step in MEMBERS_STEPS:
            done = run(decide_command, file, "--key-file", tmp_path / member)
            assert f"by: {world.signer.address_of(member)}\ndone: {step.value}\n" in done.stdout
            assert f"handOver({address})" in done.stdout
        said = json.loads(run(decide_command, file, "--json").stdout)
        assert (said["next"], said["about"].split()[1]) == ("done", address)
        assert any(f"handOver({address})" in call for call in said["calls"])
        assert run(replace_command, "finish", address).exit_code == 0
    take_up(world, record)
    assert world.edge.places("ActionRegistry")[0] == address
    assert set(world.edge.places("ActionRegistry")[1:]) == {handed.old, handed.made.address}


def test_a_ceiling_is_drafted_decided_and_raised(
    side: PublicSide, programme: Programme, run: Run, tmp_path: Path
) -> None:
    world, file = side.world, tmp_path / "ceiling.json"
    chain_id = "0x" + programme.chain_id.hex()
    known = ask(side, "ActionRegistry", world.edge.places("ActionRegistry")[0], "dailyCeiling",
                programme.chain_id)  # fmt: skip
    draft = ("ActionRegistry", "setDailyCeiling", chain_id, known + 1)
    said = ("--about", "a day's ceiling of a cent more", "--to", file)
    assert f"setDailyCeiling({chain_id}, {known + 1})" in run(draft_command, *draft, *said).stdout
    again = run(draft_command, *draft, *said)
    assert "name another file" in str(again.exception)
    with self_mining(world):
        for member, _ in MEMBERS_STEPS:
            assert run(decide_command, file, "--key-file", tmp_path / member).exit_code == 0
    registry = world.edge.places("ActionRegistry")[0]
    assert ask(side, "ActionRegistry", registry, "dailyCeiling", programme.chain_id) == known + 1


def test_the_old_desk_can_be_retired_by_a_decision(desks: Desks, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "end.json"
    assert run(retire_command, desks.new, "--to", file).exit_code != 0, "it is in force"
    retired = run(retire_command, desks.old, "--to", file)
    assert retired.exit_code == 0, "its orders here are in no book of payments"
    assert f"setMover({desks.old}, 0)" in run(decide_command, file).stdout


def test_the_chain_is_read_again_with_all_that_stood(side: PublicSide, run: Run) -> None:
    side.world.index()
    told = run(index_command, "check", "--json")
    assert told.exit_code == 0, told.output or told.exception
    rows = json.loads(told.stdout)["tables"]
    assert rows["ledger_entry"]["rows"] > 0


def test_audit_spans_all(side: PublicSide, programme: Programme, people: list[Citizen]) -> None:
    world = side.world
    side.deeds(programme, people, "bike-trip")
    assert side.publish(programme) is not None
    assert len(world.edge.places("ActionRegistry")) == 3, "the tests before this one replaced it"
    report = side.audit()
    assert report.verdict == AGREES, in_words(report)
    assert {"count and running hash handed over by one registry",
            "count and running hash taken over by the next"} <= {
        one.name for one in report.checks
    }  # fmt: skip
    assert report.figures_compared > 0
    for registry in world.edge.places("ActionRegistry"):
        places = Places(registry, world.edge.addresses["Programmes"], world.edge.first_block)
        assert audit(side.gateway, None, places).verdict == AGREES


def test_proof_and_restore_look_at_every_registry(side: PublicSide) -> None:
    world = side.world
    proof = prove(world.edge, world.fence, world.folder, whole=True)
    assert (proof.holds, proof.difference) == (True, None)
    with world.services.database.session() as session:
        session.get_one(ChainCursor, "final").number = 0  # as a backup from before all of it has it
        found = _committed(session, world.edge, world.edge.client.head().number)
        session.rollback()
    count = ask(side, "ActionRegistry", world.edge.places("ActionRegistry")[0], "batchCount")
    assert [place for _, place in found] == list(range(int(count)))
