"""A desk and a registry that were replaced while orders and batches were on their way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app.actions.models import Action
from app.chain import typed
from app.chain.contracts.codec import decode_answer, encode_call
from app.chain.deploying.generations import Generation
from app.chain.models import ChainCursor
from app.outbox.models import OutboxItem, OutboxState
from app.rewards.models import Programme
from tests.support.desk_orders import (
    PAYEE,
    accept_orders,
    accounts_with_100_cents,
    announce_refund,
)
from tests.support.public_side import Citizen, PublicSide
from tests.support.replacing import decide, make, name_in_force, name_in_record
from workers.context import Workshop, changed_at


@dataclass(frozen=True)
class Desks:
    """Ids of orders by the desk in whose time they were accepted."""

    old: str
    new: str
    payers: list[bytes]
    before: list[bytes]
    after: list[bytes]


def replace_desk(side: PublicSide, record: Path, programme: Programme) -> Desks:
    """Orders settled, in flight, accepted while members decided, and accepted afterwards."""
    world, old = side.world, side.world.edge.addresses["PaymentDesk"]
    payers = accounts_with_100_cents(world, programme, 3)
    settled = accept_orders(world, programme, payers, 10)
    world.settle()
    workshop = Workshop(world.services, world.deployment, "test", read_at=changed_at(record))
    assert workshop.edge("index").places("PaymentDesk") == (old,)
    before = accept_orders(world, programme, payers, 20)
    made, decision = make(world, "PaymentDesk")
    name_in_record(world, record, made)
    world.send()
    decide(world, decision)
    before += accept_orders(world, programme, payers, 5)
    name_in_force(world, record, made)
    after = accept_orders(world, programme, payers, 7)
    with world.transaction() as (session, now):
        refund = typed.Refund(settled[0][0], typed.address_of(PAYEE), 4, b"\x0a" * 32)
        announce_refund(session, world, refund, settled[0][1], now, desk=old)
    world.settle()
    assert workshop.edge("index").places("PaymentDesk") == (made.address, old), "read again"
    ids = [[name for name, _ in orders] for orders in (settled + before, after)]
    return Desks(old, made.address, payers, *ids)


@dataclass(frozen=True)
class Handed:
    """The registry's books when it handed over, while a batch was on its way to it."""

    old: str
    made: Generation
    count: int
    running: str
    batch: bytes
    published: list[Action]


def hand_over(side: PublicSide, programme: Programme, people: list[Citizen]) -> Handed:
    """Decided and carried out, and nobody told the record."""
    world, old = side.world, side.world.edge.addresses["ActionRegistry"]
    published = side.deeds(programme, people, "glass-recycling")
    assert side.publish(programme) is not None
    world.deeds(programme, people)
    batch = world.cut(programme)
    assert batch is not None
    world.send()
    world.node.rpc("anvil_dropTransaction", "0x" + world.transactions()[-1].hash.hex())
    count, running = (
        ask(side, "ActionRegistry", old, one) for one in ("batchCount", "runningHash")
    )
    made, decision = make(world, "ActionRegistry")
    decide(world, decision)
    return Handed(old, made, count, running, batch.id, published)


def ask(side: PublicSide, contract: str, address: str, function: str, *arguments: Any) -> Any:
    answer = side.world.edge.client.read(address, encode_call(contract, function, list(arguments)))
    return decode_answer(contract, function, answer)


def seen_block(side: PublicSide) -> int:
    with side.world.services.database.session() as session:
        return session.get_one(ChainCursor, "seen").number


def hurry(side: PublicSide) -> None:
    """What waits for another look is looked at now."""
    with side.world.transaction() as (session, _):
        waiting = select(OutboxItem).where(col(OutboxItem.state) == OutboxState.WAITING)
        for item in session.scalars(waiting):
            item.not_before = None
