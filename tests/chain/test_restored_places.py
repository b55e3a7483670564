"""Batches that had the same place since the backup, one after the other: each is matched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from app.actions.models import Action
from app.backup.service import bring_up, open_doors
from app.chain.sending import sender
from app.journal import Journal
from app.outbox.models import OutboxState
from app.outbox.operator import By
from app.rewards.models import Batch, Programme
from tests.support.batches_under_way import balances, batch_row, hurry, paused_keys
from tests.support.chain_world import DEPTH, World
from tests.support.deeds_on_chain import call
from tests.support.postgres import Cluster
from tests.support.restoring import backed_up, restored


@dataclass(frozen=True)
class Lost:
    """A city that lost its database. `refused` went out first and was refused when it was mined;
    `other` took its place; `last` came after that."""

    refused: Batch
    other: Batch
    last: Batch
    addresses: list[str]


def step(world: World) -> None:
    world.send()
    world.mine(DEPTH + 1)
    world.confirm()
    world.index()


def refuse_when_mined(world: World) -> None:
    """What is signed now meets a pause that nobody saw coming."""
    assert sender.prepare(world.edge, world.fence, "minter") is not None
    call(world, "pauser", "ActionRegistry", "pause", 1)
    world.mine()
    step(world)
    call(world, "unpauser", "ActionRegistry", "unpause", 1)
    world.mine()
    with world.transaction() as (session, _):
        later = "update outbox_item set not_before = now() + interval '1 hour' where state = :one"
        session.execute(text(later), {"one": "waiting"})


def frozen(world: World, programme: Programme) -> Batch:
    batch = world.cut(programme)
    assert batch is not None
    return batch


@pytest.fixture(scope="module")
def lost(world: World, postgres: Cluster) -> Iterator[Lost]:
    programmes = [world.programme() for _ in range(3)]
    citizens = [world.citizens(2) for _ in programmes]
    deeds: list[Action] = []
    for programme, people in zip(programmes, citizens, strict=True):
        deeds += world.deeds(programme, people)
    with ExitStack() as stack:
        copy = stack.enter_context(backed_up(postgres, world.services))
        refused = frozen(world, programmes[0])
        refuse_when_mined(world)
        assert batch_row(world, refused).state is OutboxState.WAITING
        other = frozen(world, programmes[1])
        step(world)
        assert batch_row(world, other).state is OutboxState.FINAL
        last = frozen(world, programmes[2])
        step(world)
        stack.enter_context(restored(postgres, world, copy))
        yield Lost(refused, other, last, [address for many in citizens for _, address in many])


def test_each_is_matched_and_credited_once(world: World, lost: Lost) -> None:
    report = bring_up(world.edge, Journal(world.services.settings.kept.journal))
    assert report.unmatched == []
    assert not [one for one in report.lost if "deeds" in one]
    assert (report.batches_on_chain, report.batches_matched) == (2, 2)
    with world.transaction() as (session, now):
        open_doors(session, world.edge, By("test", "matched"), now)
    for _ in range(3):
        hurry(world)
        step(world)
    assert not paused_keys(world)
    assert balances(world, lost.addresses) == {100}
    with world.services.database.session() as session:
        batches = [session.get_one(Batch, one.id) for one in (lost.other, lost.last, lost.refused)]
    assert [one.sequence for one in batches] == [0, 1, 2]
    assert {batch_row(world, one).state for one in batches} == {OutboxState.FINAL}
