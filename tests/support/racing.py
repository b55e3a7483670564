"""Worker processes that promise from one budget at once, each by a connection of its own, as real
ones do: nothing is shared but the database. Some end by SIGKILL, in a transaction.

A fresh process loads everything once and forks them, before any connection is made.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.config import Settings
from app.identity.models import Organisation
from app.rewards.models import Programme
from app.rewards.valuing import deeds
from app.services import Services, connect
from tests.support.city import City, Clerk

HOLDING, DONE = "holding", "done"
PATIENCE = 240  # seconds; only ends a test that has failed


@dataclass(frozen=True)
class Racer:
    """What a worker does: so many deeds, every `undo_each`th taken back; then, if it is to be
    killed, one more that it holds uncommitted."""

    settings: Settings
    programme_id: UUID
    clerk_id: UUID
    organisation_id: UUID
    key: bytes
    citizens: tuple[UUID, ...]
    since: int  # seconds since 1970, the time of all of them
    number: int = 0
    steps: int = 0
    undo_each: int = 5
    to_be_killed: bool = False

    def city(self, session: Session) -> City:
        """In the evening: all deeds are of one day, however many."""
        return City(session, datetime.fromtimestamp(self.since, UTC))

    def attest(self, session: Session, city: City, step: int, quantity: int = 2000) -> Action:
        """Worth 100 cents; no two of a person in the same minute."""
        clerk = Clerk(self.clerk_id, session.get_one(Organisation, self.organisation_id), self.key)
        programme = session.get_one(Programme, self.programme_id)
        minutes = 2 + step // len(self.citizens) * 16 + self.number
        deed_at = self.since - 60 * minutes
        who = self.citizens[step % len(self.citizens)]
        return city.attest(
            clerk, who, programme, confirmed=True, deed_at=deed_at, quantity=quantity
        )


def race(racer: Racer, told: Connection) -> None:
    """A worker's whole life."""
    services = connect(racer.settings, name=f"racer-{racer.number}")
    for step in range(racer.steps):
        with _city(services, racer) as city:
            racer.attest(city.session, city, step)
        if step % racer.undo_each == racer.undo_each - 1:
            with _city(services, racer) as city:
                _undo(racer, city)
    if racer.to_be_killed:
        with _city(services, racer) as city:
            racer.attest(city.session, city, racer.steps)
            city.session.flush()
            told.send(HOLDING)
            told.recv()  # never comes
    told.send(DONE)


@contextmanager
def _city(services: Services, racer: Racer) -> Iterator[City]:
    with services.database.transaction() as session:
        yield racer.city(session)


def _undo(racer: Racer, city: City) -> None:
    own = select(Action).where(
        col(Action.entered_by) == racer.clerk_id, col(Action.state) == ActionState.AUTHENTICATED
    )
    found = city.session.scalars(own.order_by(col(Action.id).desc()).limit(1)).one()
    deeds.undo(city.session, found.id, by=racer.clerk_id, at=racer.organisation_id, now=city.now)


@dataclass(frozen=True)
class Worker:
    process: BaseProcess
    told: Connection

    def hears(self, word: str) -> bool:
        """Whether it says this next."""
        return self.told.poll(PATIENCE) and self.told.recv() == word

    def kill(self) -> None:
        os.kill(self.process.pid or 0, signal.SIGKILL)
        self.process.join(PATIENCE)


@contextmanager
def started(racers: list[Racer]) -> Iterator[list[Worker]]:
    """All of them, numbered; none outlives the block."""
    fresh, workers = multiprocessing.get_context("forkserver"), list[Worker]()
    fresh.set_forkserver_preload([__name__])
    try:
        for number, racer in enumerate(racers):
            here, there = fresh.Pipe()
            process = fresh.Process(target=race, args=(replace(racer, number=number), there))
            process.start()
            there.close()
            workers.append(Worker(process, here))
        yield workers
    finally:
        for worker in workers:
            if worker.process.is_alive():
                worker.kill()
