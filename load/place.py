"""A city's parts for measuring: durable PostgreSQL, signer and web server, no chain.

Everything lies in a temporary home, listens on free loopback ports and ends with the block.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.chain.deploying.role_keys import ensure_role_keys
from app.config import DatabaseRole, Settings
from app.embedded import parts
from app.embedded.home import locked_home
from app.embedded.ports import answers, free_port
from app.embedded.postgres import Postgres
from app.embedded.supervisor import Part, Supervisor
from app.migrations import upgrade
from app.running import Running
from app.services import Services, connect
from tests.support.signer import CHAIN_ID, write_deployment

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Place:
    """The same kind of server twice: `bare_port` serves load.bare, settings.port the application.

    Figures of both are taken in turns, so that what else the machine does meets both.
    """

    settings: Settings
    services: Services
    postgres: Postgres
    bare_port: int

    @property
    def home(self) -> Path:
        return self.settings.home


@contextmanager
def temporary_home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="civis-bench-"))
    folder.chmod(0o711)  # root's database runs as somebody else, who must pass
    try:
        yield folder / "home"
    finally:
        shutil.rmtree(folder)


@contextmanager
def database(home: Path) -> Iterator[tuple[Postgres, Supervisor]]:
    """Durable, migrated; the application's settings find it."""
    supervisor = Supervisor(home)
    with locked_home(home):
        try:
            postgres = Postgres(home)
            postgres.prepare()
            supervisor.start(postgres.part())
            postgres.set_up()
            Running(postgres.port, free_port(), CHAIN_ID).write(home)
            upgrade(postgres.url(DatabaseRole.MIGRATOR))
            yield postgres, supervisor
        finally:
            supervisor.stop()


@contextmanager
def city_place() -> Iterator[Place]:
    """The parts that answer people, and the bare application beside them."""
    with temporary_home() as home, database(home) as (postgres, supervisor):
        settings = settings_of(home)
        write_deployment(settings)
        ensure_role_keys(home)
        supervisor.start(parts.signer(settings))
        supervisor.start(parts.web(settings))
        bare_port = free_port()
        supervisor.start(_bare(settings, bare_port))
        services = connect(settings, name="civis bench")
        try:
            yield Place(settings, services, postgres, bare_port)
        finally:
            services.database.dispose()


def settings_of(home: Path) -> Settings:
    return Settings.from_env({"CIVIS_HOME": str(home), "PORT": str(free_port())})


def _bare(settings: Settings, port: int) -> Part:
    """Served by the very command that serves the application, its target aside."""
    command = list(parts.web(replace(settings, port=port)).command())
    command[-1] = "load.bare:application"
    url = settings.database_url(DatabaseRole.MIGRATOR).replace("+psycopg", "")
    environ = {**parts.environ(settings), "BARE_DATABASE": url}
    return Part("bare", lambda: command, ready=lambda: answers(port), environ=environ)


def environ(home: Path) -> dict[str, str]:
    """For a process of ours that should find this place."""
    return {**os.environ, "CIVIS_HOME": str(home), "ETH_HASH_BACKEND": "pysha3"}
