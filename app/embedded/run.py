"""`civis run`: the whole system on this machine, from the database to the demo city.

Each step is safe to repeat, so a start that was killed anywhere is simply started again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.config import DatabaseRole, Settings
from app.embedded import parts
from app.embedded.anvil import Anvil
from app.embedded.home import locked_home
from app.embedded.ports import require_free
from app.embedded.postgres import Postgres
from app.embedded.supervisor import Stopped, Supervisor, ignoring_signals, stopping_on_signals
from app.running import Running

Say = Callable[[str], None]


def run(read_settings: Callable[[], Settings], say: Say) -> None:
    """Returns when a signal ended it. Raises EmbeddedError, with all parts ended."""
    settings = read_settings()
    require_free(settings.port, "PORT")
    require_free(settings.gateway_port, "GATEWAY_PORT")
    supervisor = Supervisor(settings.home)
    with locked_home(settings.home), stopping_on_signals():
        try:
            _start_stores(settings, supervisor, say)
            _start_services(read_settings(), supervisor, say)
            supervisor.watch()
        except Stopped:
            say("Stopping.")
        finally:
            with ignoring_signals():
                supervisor.stop()
                Running.forget(settings.home)


def _start_stores(settings: Settings, supervisor: Supervisor, say: Say) -> None:
    """Database and node; afterwards settings read anew know where they are."""
    with _step(say, "database"):
        postgres = Postgres(settings.home)
        postgres.prepare()
        supervisor.start(postgres.part())
        postgres.set_up()
    with _step(say, "chain"):
        anvil = Anvil(settings.home)
        supervisor.start(anvil.part())
        Running(postgres.port, anvil.port, anvil.chain_id).write(settings.home)
        supervisor.start(parts.blocks(settings))


def _start_services(settings: Settings, supervisor: Supervisor, say: Say) -> None:
    with _step(say, "tables"):
        _migrate(settings)
    with _step(say, "contracts"):
        _deploy(settings)
    with _step(say, "signer"):
        supervisor.start(parts.signer(settings))
    with _step(say, "web"):
        supervisor.start(parts.web(settings))
        supervisor.start(parts.gateway(settings))
    with _step(say, "workers"):
        supervisor.start(parts.workers(settings))
    if settings.demo:
        with _step(say, "demo city"):
            _ensure_city(settings, say)
    say(f"Civis is ready: {settings.public_url}")
    if settings.demo:
        say(_how_to_sign_in(settings))


@contextmanager
def _step(say: Say, name: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    say(f"  {name:<10} {time.monotonic() - begun:5.1f} s")


# The heavy libraries are imported only when their step is due, so the first lines come at once.
def _migrate(settings: Settings) -> None:
    from app.migrations import upgrade  # noqa: PLC0415

    upgrade(settings.database_url(DatabaseRole.MIGRATOR))


def _deploy(settings: Settings) -> None:
    if settings.deployment_file.exists():
        return
    from app.chain.first_deployment import deploy_embedded  # noqa: PLC0415

    deploy_embedded(settings)


def _ensure_city(settings: Settings, say: Say) -> None:
    from app.demo.start import ensure_city  # noqa: PLC0415

    ensure_city(settings, say)


def _how_to_sign_in(settings: Settings) -> str:
    from app.demo.start import how_to_sign_in  # noqa: PLC0415

    return how_to_sign_in(settings)
