"""Many batches in a queue, and the jobs that settle them by their real timetable."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import col

from app.identity.models import Person
from app.outbox.models import ChainTransaction, OutboxItem, TransactionState
from app.outbox.pauses import pause, resume
from app.rewards.models import Programme
from tests.support.chain_rows import new_deed
from tests.support.chain_world import World
from workers.context import Workshop
from workers.schedule import Rounds, scheduler_for

MINTER = "minter"
PLENTY = 4_000_000  # cents, below what the registry lets a programme mint a day
DAYS = 90
LOOKS_EVERY = 0.05  # seconds


@dataclass
class Queue:
    """Batches of one programme, each crediting the same people, who did something else."""

    world: World
    programme: Programme
    people: Sequence[tuple[Person, str]]
    batches: int = 0

    def cut(self, number: int) -> None:
        """As many more, each waiting behind the last."""
        for _ in range(number):
            back = timedelta(days=self.batches % DAYS)
            with self.world.transaction() as (session, now):
                for person, address in self.people:
                    deed = new_deed(self.programme, person, address, now, cents=1)
                    deed.deed_at -= back
                    deed.deed_day -= back
                    session.add(deed)
            if self.world.cut(self.programme) is None:
                raise RuntimeError("nothing was cut")
            self.batches += 1


def queue_of(world: World, accounts: int) -> Queue:
    return Queue(world, world.programme(cents=PLENTY), world.citizens(accounts))


@contextmanager
def jobs_running(world: World, names: frozenset[str]) -> Iterator[None]:
    """As workers run them, each with an own way to the node."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # as they do: a late round is no news
    clients = {name: world.client_of(world.node.url) for name in names}
    edges = {name: replace(world.edge, client=client) for name, client in clients.items()}
    workshop = Workshop(world.services, world.deployment, "queue", _edges=edges)
    scheduler = scheduler_for(Rounds(workshop), names)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)
        for client in clients.values():
            client.close()


@contextmanager
def blocks_made(world: World, seconds: int | None) -> Iterator[None]:
    """One every so many seconds; without, one for each transaction."""
    on, off = ("evm_setAutomine", False) if seconds is None else ("evm_setIntervalMining", 0)
    world.node.rpc(on, seconds or True)
    try:
        yield
    finally:
        world.node.rpc(on, off)


def hold(world: World) -> None:
    with world.transaction() as (session, now):
        pause(session, MINTER, reason="the queue is filled first", now=now)


def let_go(world: World) -> None:
    with world.transaction() as (session, _):
        resume(session, MINTER)


def last_nonce(world: World) -> int:
    """-1 before the first."""
    query = select(func.max(col(ChainTransaction.nonce))).where(_mine(world))
    with world.services.database.session() as session:
        highest = session.scalar(query)
    return -1 if highest is None else int(highest)


def sent_since(world: World, nonce: int, *states: TransactionState) -> list[ChainTransaction]:
    """In the order of their nonces."""
    query = select(ChainTransaction).where(*_since(world, nonce, states))
    with world.services.database.session() as session:
        return list(session.scalars(query.order_by(col(ChainTransaction.nonce))))


def wait_final(world: World, nonce: int, number: int, seconds: float) -> list[ChainTransaction]:
    """So many of the minter's above this nonce. Raises TimeoutError."""
    until, final = time.monotonic() + seconds, (TransactionState.FINAL,)
    # A look counts: rows, read by the process that works, would slow it by what is settled.
    query = select(func.count()).where(*_since(world, nonce, final))
    while (found := _counted(world, query)) < number:
        if time.monotonic() > until:
            raise TimeoutError(f"{found} of {number} are final after {seconds:.0f} s")
        time.sleep(LOOKS_EVERY)
    return sent_since(world, nonce, *final)


def _since(
    world: World, nonce: int, states: Sequence[TransactionState]
) -> list[ColumnElement[bool]]:
    chosen = [_mine(world), col(ChainTransaction.nonce) > nonce]
    return [*chosen, col(ChainTransaction.state).in_(states)] if states else chosen


def _counted(world: World, query: Select[int]) -> int:
    with world.services.database.session() as session:
        return session.scalars(query).one()


def tries(world: World) -> list[int]:
    """Of each batch, how often it was handed to a transaction or refused."""
    query = select(col(OutboxItem.attempts)).where(col(OutboxItem.kind) == "commit_batch")
    with world.services.database.session() as session:
        return list(session.scalars(query))


def _mine(world: World) -> ColumnElement[bool]:
    return col(ChainTransaction.signer_address) == world.signer.address_of(MINTER)
