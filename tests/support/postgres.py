"""One PostgreSQL for a whole test session, and a fresh database from a migrated template."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import sql

from app.config import DatabaseRole
from app.embedded.home import locked_home
from app.embedded.postgres import DATABASE, Postgres
from app.embedded.supervisor import Supervisor
from app.migrations import upgrade


@dataclass
class Cluster:
    """A running server. `migrate_template` first, then any number of `fresh` databases."""

    server: Postgres
    supervisor: Supervisor
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def home(self) -> Path:
        """Holds keys/ with the passwords of every role."""
        return self.server.home

    def urls(self, database: str) -> dict[DatabaseRole, str]:
        return {role: self.server.url(role, database) for role in DatabaseRole}

    def migrate_template(self) -> None:
        upgrade(self.server.url(DatabaseRole.MIGRATOR))

    @contextmanager
    def fresh(self, template: str = DATABASE) -> Iterator[str]:
        """The name of a new database with all tables and no row; dropped at the end."""
        name = f"test_{next(self._numbers)}"
        with self.server.connect("postgres") as connection:
            self.server.create_database(connection, name, template)
        try:
            yield name
        finally:
            with self.server.connect("postgres") as connection:
                drop = sql.SQL("drop database {} with (force)")
                connection.execute(drop.format(sql.Identifier(name)))


@contextmanager
def running_cluster(home: Path, *, fast: bool = True) -> Iterator[Cluster]:
    """A server on `home`. Pass fast=False where something is killed: fast gives up durability."""
    supervisor = Supervisor(home)
    with locked_home(home):
        try:
            server = Postgres(home, fast=fast)
            server.prepare()
            supervisor.start(server.part())
            server.set_up()
            yield Cluster(server, supervisor)
        finally:
            supervisor.stop()
