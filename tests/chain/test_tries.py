"""How often a row was tried, and the alarm of one that is tried many times."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from app.outbox import operator
from app.outbox.models import Incident, OutboxState, TransactionState
from app.outbox.operator import By
from app.outbox.refused_long import PATIENCE
from tests.support.batches_under_way import balances, batch_row, cut, hurry, open_incidents
from tests.support.chain_world import DEPTH, World
from tests.support.deeds_on_chain import call
from tests.support.scripted_node import ScriptedNode, answer, refuse


def round_of(world: World) -> None:
    hurry(world)
    world.send()
    world.mine(DEPTH + 1)
    world.confirm()
    world.index()


def test_what_used_up_its_gas_is_held_and_not_sent_again(world: World, node: ScriptedNode) -> None:
    """A node says too low what it needs: asked why it failed, it finds no reason."""
    batch, addresses = cut(world, world.programme())
    node.when("eth_estimateGas", answer(hex(200_000)))
    for _ in range(2):
        round_of(world)
    failed = world.transactions()[-1]
    assert failed.state is TransactionState.FAILED
    held = batch_row(world, batch)
    assert (held.state, held.attempts) == (OutboxState.HELD, 1)
    assert held.last_error == f"OutOfGas(used={failed.gas_used}, most={failed.gas_used})"
    assert "outbox_held" in open_incidents(world)
    node.calm()
    with world.transaction() as (session, now):
        operator.retry(session, held.id, By("ana", "another node"), now)
    world.settle()
    assert balances(world, addresses) == {100}


def test_a_row_that_is_refused_again_and_again_is_an_alarm_until_it_is_done(
    world: World, node: ScriptedNode
) -> None:
    """Refused when it is tried, or when it is mined: either is one try."""
    batch, addresses = cut(world, world.programme())
    call(world, "pauser", "ActionRegistry", "pause", 1)
    world.mine()
    for number in range(1, PATIENCE + 3):
        if number % 2:
            node.when("eth_estimateGas", answer(hex(1_000_000)))
        else:
            node.calm()
        assert ("outbox_waits" in open_incidents(world)) == (number > PATIENCE)
        round_of(world)
        assert batch_row(world, batch).attempts == number
    node.when("eth_estimateGas", answer(hex(1_000_000)))
    hurry(world)
    world.send()
    sent = batch_row(world, batch)
    assert (sent.state, sent.waits_until) == (OutboxState.SENT, None)
    assert "outbox_waits" in open_incidents(world), "it may be refused again"
    call(world, "unpauser", "ActionRegistry", "unpause", 1)
    node.calm()
    round_of(world)
    hurry(world)
    world.settle()
    assert balances(world, addresses) == {100}
    assert "outbox_waits" not in open_incidents(world)


def test_an_alarm_that_somebody_saw_comes_back_until_the_row_is_held_or_done(
    world: World, node: ScriptedNode
) -> None:
    batch, _ = cut(world, world.programme())
    call(world, "pauser", "ActionRegistry", "pause", 1)
    world.mine()
    for _ in range(PATIENCE):
        round_of(world)
    with world.transaction() as (session, now):
        query = select(Incident).where(
            col(Incident.code) == "outbox_waits", col(Incident.acknowledged_at).is_(None)
        )
        seen = session.scalars(query).one().id
        operator.acknowledge(session, seen, By("ana", "it is paused"), now)
    assert "outbox_waits" not in open_incidents(world)
    round_of(world)
    assert "outbox_waits" in open_incidents(world)
    node.when("eth_estimateGas", refuse(3, "execution reverted", "0x12345678"))
    round_of(world)
    assert batch_row(world, batch).state is OutboxState.HELD
    assert open_incidents(world) >= {"outbox_held"}
    assert "outbox_waits" not in open_incidents(world), "it isn't tried any more"
    node.calm()
    call(world, "unpauser", "ActionRegistry", "unpause", 1)
    with world.transaction() as (session, now):
        operator.retry(session, batch_row(world, batch).id, By("ana", "understood"), now)
    world.settle()
