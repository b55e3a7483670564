"""Batches on their way, step by step: what tests of the chain's edge ask about them."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.outbox.models import Incident, OutboxItem
from app.outbox.pauses import paused
from app.rewards.models import Batch, Programme
from app.rewards.money import ledger
from tests.support.chain_world import World


def cut(world: World, programme: Programme, people: int = 3) -> tuple[Batch, list[str]]:
    citizens = world.citizens(people)
    world.deeds(programme, citizens)
    made = world.cut(programme)
    assert made is not None
    return made, [address for _, address in citizens]


def balances(world: World, addresses: list[str]) -> set[int]:
    with world.services.database.session() as session:
        return {ledger.available(session, address) for address in addresses}


def states(world: World, programme: Programme) -> set[ActionState]:
    with world.services.database.session() as session:
        query = select(col(Action.state)).where(col(Action.programme_id) == programme.id)
        return set(session.scalars(query))


def batch_row(world: World, batch: Batch) -> OutboxItem:
    with world.services.database.session() as session:
        query = select(OutboxItem).where(
            col(OutboxItem.kind) == "commit_batch", col(OutboxItem.key) == batch.id.hex()
        )
        return session.scalars(query).one()


def hurry(world: World) -> None:
    with world.services.database.transaction() as session:
        session.execute(text("update outbox_item set not_before = null"))


def open_incidents(world: World) -> set[str]:
    with world.services.database.session() as session:
        query = select(col(Incident.code)).where(col(Incident.acknowledged_at).is_(None))
        return set(session.scalars(query))


def paused_keys(world: World) -> set[str]:
    with world.services.database.session() as session:
        return set(paused(session))
