"""Desk and registry are replaced under load: nothing accepted is lost, the audit spans both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click import Command
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlmodel import col

from app.chain import typed
from app.chain.codec import decode_answer, encode_call
from app.chain.decide_command import command as decide_command
from app.chain.errors import UnknownContract
from app.chain.models import ChainCursor
from app.chain.replace_command import command as replace_command
from app.chain.role_keys import ensure_role_keys
from app.config import ConfigError, DatabaseRole
from app.keyfiles import write_private
from app.outbox.models import Incident, OutboxItem, OutboxState
from app.reporting.audit.evidence import Places
from app.reporting.audit.run import AGREES, audit, in_words
from app.rewards.models import Programme
from app.rewards.money import ledger
from app.services import Services
from tests.support.desk_orders import (
    PAYEE,
    accept_orders,
    accounts_with_100_cents,
    announce_refund,
    register_payee,
)
from tests.support.public_side import Citizen, PublicSide, public_side
from tests.support.replacing import (
    MEMBERS_STEPS,
    decide,
    make,
    name_in_force,
    name_in_record,
    self_mining,
    take_up,
)
from workers.context import Workshop, changed_at


@pytest.fixture(scope="module")
def side(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicSide]:
    with public_side(services, tmp_path_factory.mktemp("chain")) as made:
        made.world.services.settings.deployment_file.write_text(
            json.dumps(asdict(made.world.deployment)), "utf-8"
        )
        register_payee(made.world)
        yield made


@pytest.fixture(scope="module")
def record(services: Services) -> Path:
    return services.settings.deployment_file


@pytest.fixture(scope="module")
def programme(side: PublicSide) -> Programme:
    return side.world.programme()


@pytest.fixture(scope="module")
def people(side: PublicSide) -> list[Citizen]:
    return side.world.citizens(6)


def ask(side: PublicSide, contract: str, address: str, function: str, *arguments: Any) -> Any:
    answer = side.world.edge.client.read(address, encode_call(contract, function, list(arguments)))
    return decode_answer(contract, function, answer)


def test_accepted_orders_settle_on_the_old_desk_and_new_ones_on_the_new(
    side: PublicSide, record: Path, programme: Programme
) -> None:
    world, old = side.world, side.world.edge.addresses["PaymentDesk"]
    payers = accounts_with_100_cents(world, programme, 3)
    settled = accept_orders(world, programme, payers, 10)
    world.settle()
    workshop = Workshop(world.services, world.deployment, "test", read_at=changed_at(record))
    assert workshop.edge("index").places("PaymentDesk") == (old,)
    before = accept_orders(world, programme, payers, 20)  # in flight
    made, decision = make(world, "PaymentDesk")
    name_in_record(world, record, made)
    world.send()  # while members decide
    decide(world, decision)
    between = accept_orders(world, programme, payers, 5)
    name_in_force(world, record, made)
    after = accept_orders(world, programme, payers, 7)
    with world.transaction() as (session, now):
        refund = typed.Refund(settled[0][0], typed.address_of(PAYEE), 4, b"\x0a" * 32)
        announce_refund(session, world, refund, settled[0][1], now, desk=old)
    world.settle()
    assert workshop.edge("index").places("PaymentDesk") == (made.address, old)
    for orders, desk, other in (
        (before + between, old, made.address),
        (after, made.address, old),
    ):
        for name, _ in orders:
            assert ask(side, "PaymentDesk", desk, "isExecuted", name)
            assert not ask(side, "PaymentDesk", other, "isExecuted", name)
    with world.services.database.session() as session:
        left = [ledger.final_balance(session, typed.address_of(key)) for key in payers]
        taken = ledger.final_balance(session, typed.address_of(PAYEE), programme.id)
        assert "order-skipped" not in set(session.scalars(select(col(Incident.code))))
    spent = 10 + 20 + 5 + 7
    assert left == [100 - spent + 4, 100 - spent, 100 - spent]
    assert taken == 3 * spent - 4


def test_books_go_on_in_the_next_registry_and_nothing_is_read_past_a_stranger(
    side: PublicSide, record: Path, programme: Programme, people: list[Citizen]
) -> None:
    world, old = side.world, side.world.edge.addresses["ActionRegistry"]
    glass = side.deeds(programme, people, "glass-recycling")
    assert side.publish(programme) is not None
    world.deeds(programme, people)
    batch = world.cut(programme)
    assert batch is not None
    world.send()
    lost = world.transactions()[-1]  # on its way to the old one
    world.node.rpc("anvil_dropTransaction", "0x" + lost.hash.hex())
    count, running = (
        ask(side, "ActionRegistry", old, one) for one in ("batchCount", "runningHash")
    )
    made, decision = make(world, "ActionRegistry")
    decide(world, decision)
    with pytest.raises(UnknownContract, match=made.address):
        world.index()
    with world.services.database.session() as session:
        stopped = session.get_one(ChainCursor, "seen").number
        found = session.scalars(select(col(Incident.code)))
        assert "unknown_contract" in list(found)
    name_in_record(world, record, made)
    world.index()
    with world.services.database.session() as session:
        assert session.get_one(ChainCursor, "seen").number > stopped
    for one in ("batchCount", "runningHash"):
        assert ask(side, "ActionRegistry", made.address, one) == {
            "batchCount": count, "runningHash": running
        }[one]  # fmt: skip
    world.send()  # the same bytes, which the old one refuses now
    world.mine(4)
    world.confirm()
    assert world.states() >= {OutboxState.WAITING}
    assert "RegistryNotInForce" in str(world.rows()[-1])
    name_in_force(world, record, made)
    _hurry(side)
    world.settle()
    assert ask(side, "ActionRegistry", made.address, "batchCount") == count + 1
    assert ask(side, "ActionRegistry", old, "batchCount") == count
    root = ask(side, "ActionRegistry", made.address, "batchRoot", batch.id)
    assert (
        root == ask(side, "ActionRegistry", made.address, "batchRoot", batch.id) != "0x" + "0" * 64
    )
    side.reverse(glass)
    side.deeds(programme, people, "glass-recycling")
    assert side.publish(programme) is not None, "corrections of what the old one published"


def test_the_commands_put_a_third_in_its_place(
    side: PublicSide, record: Path, programme: Programme, people: list[Citizen], tmp_path: Path
) -> None:
    world, file = side.world, tmp_path / "registry.json"
    key_files = {name: tmp_path / name for name in world.signer.keys}
    for name, key_file in key_files.items():
        write_private(key_file, world.signer.keys[name].hex())
    ensure_role_keys(tmp_path / "home")
    environ = {
        "CIVIS_HOME": str(tmp_path / "home"),
        "DATABASE_URL": world.services.settings.database_url(DatabaseRole.APP),
        "PUBLIC_URL": "https://civis.example",
        "CHAIN_RPC_URLS": world.node.url,
        "CHAIN_FINALITY_DEPTH": "0",
        "CHAIN_DEPLOYMENT": str(record),
        "DEPLOYER_KEY_FILE": str(key_files["deployer"]),
    }

    def run(command: Command, *words: str | Path) -> Result:
        return CliRunner().invoke(command, list(map(str, words)), env=environ)

    with self_mining(world):
        prepared = run(replace_command, "prepare", "ActionRegistry", "--to", file)
        address = prepared.stdout.split()[1]
        early = run(replace_command, "finish", address)
        assert "is not in force" in str(early.exception)
        stranger = run(decide_command, file, "--key-file", key_files["settler"])
        assert isinstance(stranger.exception, ConfigError)
        for member, step in MEMBERS_STEPS:
            done = run(decide_command, file, "--key-file", key_files[member])
            assert f"by: {world.signer.address_of(member)}\ndone: {step.value}\n" in done.stdout
            assert f"handOver({address})" in done.stdout
        said = json.loads(run(decide_command, file, "--json").stdout)
        assert (said["next"], said["about"].split()[1]) == ("done", address)
        assert run(replace_command, "finish", address).exit_code == 0
    take_up(world, record)
    assert world.edge.addresses["ActionRegistry"] == address
    side.deeds(programme, people, "bike-trip")
    assert side.publish(programme) is not None


def test_audit_spans_all(side: PublicSide) -> None:
    world = side.world
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


def _hurry(side: PublicSide) -> None:
    """What waits for another look is looked at now."""
    with side.world.transaction() as (session, _):
        waiting = select(OutboxItem).where(col(OutboxItem.state) == OutboxState.WAITING)
        for item in session.scalars(waiting):
            item.not_before = None
