"""The access log as its worker, an auditor and the owner of its tables reach it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from sqlmodel import col

from app.chain.deploying.role_keys import ensure_role_keys
from app.chain.log_seals import NOTHING, LogSeal
from app.config import DatabaseRole, Settings
from app.db import Database
from app.privacy import service
from app.privacy.access_log import Actor
from app.privacy.models import AccessSeal
from app.reporting.access.checking import LogReport, check_log
from app.reporting.access.entries import entries_under, hashes_of, root_of, stated
from app.reporting.access.sealing import seal_log
from app.services import Services, connect
from tests.support.postgres import Cluster
from workers.signer.log_seals import SealBook


class SealerHere:
    """The signer's own seal book, without its socket."""

    def __init__(self, services: Services) -> None:
        self.address = ensure_role_keys(services.settings.home)["sealer"]
        self.book = SealBook(services.settings.home)

    def sign_log_seal(self, seal: LogSeal) -> bytes:
        return self.book.sign(seal)


@dataclass
class Log:
    """`database`: as the role that seals."""

    services: Services
    database: Database
    sealer: SealerHere

    def subject(self) -> UUID:
        with self.services.database.transaction() as session:
            return service.create_subject(session, datetime.now(UTC))

    def read(self, subject: UUID, times: int = 1) -> None:
        """Somebody looks, each time in a transaction of its own."""
        for _ in range(times):
            with self.services.database.transaction() as session:
                look(session, subject)

    def seal(self) -> int:
        return seal_log(self.database, self.services.clock, self.sealer)

    def check(self, connection: Connection | None = None, **options: Any) -> LogReport:
        """As an auditor, or on the connection given."""
        with self.as_role(DatabaseRole.AUDITOR) as own, Session(connection or own) as session:
            asked: dict[str, Any] = {
                "sealer": self.sealer.address,
                "now": datetime.now(UTC),
            } | options
            return check_log(session, **asked)

    def faults(self, connection: Connection | None = None) -> list[str]:
        return [fault.what for fault in self.check(connection).faults]

    @contextmanager
    def as_role(self, role: DatabaseRole) -> Iterator[Connection]:
        """What is not committed is rolled back at the end."""
        engine = create_engine(self.services.settings.database_url(role), poolclass=NullPool)
        with engine.connect() as connection:
            yield connection
        engine.dispose()


def look(session: Session, subject: UUID) -> None:
    service.record_access(
        session,
        subject,
        resource="action",
        fields=["note_sealed"],
        purpose="review",
        actor=Actor(uuid4(), "officer"),
    )


@contextmanager
def log_of(services: Services) -> Iterator[Log]:
    database = Database(services.settings.database_url(DatabaseRole.LOG), pool_size=1)
    yield Log(services, database, SealerHere(services))
    database.dispose()


@contextmanager
def own_log(postgres: Cluster, home: Path) -> Iterator[Log]:
    """On a database and a home of its own."""
    base = Settings.from_env({"CIVIS_HOME": str(home)})
    with postgres.fresh() as database:
        services = connect(replace(base, database_urls=postgres.urls(database)), name="tests")
        with log_of(services) as found:
            yield found
        services.database.dispose()


def rewrite(owner: Connection, sign: Callable[[LogSeal], bytes]) -> None:
    """Every root, every hash and every signature anew, so that all fit the rows as they are."""
    with Session(owner) as session:
        previous = NOTHING
        for row in session.scalars(select(AccessSeal).order_by(col(AccessSeal.number))):
            hashes = hashes_of(entries_under(session, stated(row)))
            seal = replace(
                stated(row), entries=len(hashes), root=root_of(hashes), previous=previous
            )
            row.entries, row.root, row.previous = seal.entries, seal.root, seal.previous
            row.signature = sign(seal)
            previous = seal.digest()
        session.flush()
