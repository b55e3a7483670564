"""`civis run`: the whole system on this machine, from the database to the demo city.

Each step is safe to repeat, so a start that was killed anywhere is simply started again. Whatever
it says is an event for a program that looks after it, and the same in words: `step` with what took
how long, `ready`, `restarted` with a part that had died, `stopping`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from app.config import DatabaseRole, Settings
from app.demo.made import is_made
from app.embedded import parts
from app.embedded.chain import Chain, anvil_chain
from app.embedded.errors import EmbeddedError
from app.embedded.home import locked_home
from app.embedded.ports import LOOPBACK, require_free
from app.embedded.postgres import DATABASE, Postgres
from app.embedded.supervisor import Stopped, Supervisor, ignoring_signals, stopping_on_signals
from app.running import Running


class Say(Protocol):
    """Tells an event, or the same in words."""

    def __call__(self, event: Mapping[str, Any], /, *lines: str) -> None: ...


def run(
    read_settings: Callable[[], Settings],
    say: Say,
    make_chain: Callable[[Settings], Chain] = anvil_chain,
) -> None:
    """Returns when a signal ended it. Raises EmbeddedError, with all parts ended."""
    settings = read_settings()
    require_free(settings.port, "PORT")
    require_free(settings.gateway_port, "GATEWAY_PORT")

    def restarted(name: str, ended: str) -> None:
        event = {"event": "restarted", "name": name, "ended": ended}
        say(event, f"{ended} It was started again.")

    supervisor = Supervisor(settings.home, restarted)
    with locked_home(settings.home), stopping_on_signals():
        try:
            postgres = _start_database(settings, supervisor, say)
            chain = _start_chain(make_chain, settings, postgres, supervisor, say)
            _prepare(read_settings(), chain, say)
            _start_services(read_settings(), postgres, supervisor, say)
            supervisor.watch()
        except Stopped:
            say({"event": "stopping"}, "Stopping.")
        finally:
            with ignoring_signals():
                supervisor.stop()
                Running.forget(settings.home)


def _start_database(settings: Settings, supervisor: Supervisor, say: Say) -> Postgres:
    with _step(say, "database"):
        postgres = Postgres(settings.home, archive=settings.kept.log_archive)
        postgres.prepare()
        supervisor.start(postgres.part())
        postgres.set_up()
    return postgres


def _start_chain(
    make_chain: Callable[[Settings], Chain],
    settings: Settings,
    postgres: Postgres,
    supervisor: Supervisor,
    say: Say,
) -> Chain:
    """Afterwards settings read anew know where database and nodes are."""
    with _step(say, "chain"):
        chain = make_chain(settings)
        supervisor.start(*chain.nodes)
        first, *others = chain.node_ports
        running = Running(postgres.port, first, chain.chain_id, tuple(others), chain.descriptor)
        running.write(settings.home)
        supervisor.start(*chain.makers)
    return chain


def _prepare(settings: Settings, chain: Chain, say: Say) -> None:
    with _step(say, "tables"):
        _migrate(settings)
    with _step(say, "contracts"):
        _deploy(settings, chain.contracts)


def _start_services(
    settings: Settings, postgres: Postgres, supervisor: Supervisor, say: Say
) -> None:
    def tell(name: str, seconds: float) -> None:
        _say_step(say, name, seconds)

    # Side by side: each spends its first seconds on loading. Nobody waits for the workers' start,
    # which is as heavy, so they load last.
    front = (parts.signer(settings), parts.web(settings), parts.gateway(settings))
    supervisor.start(*front, on_ready=tell)
    supervisor.start(parts.workers(settings), on_ready=tell)
    shut = _are_shut(settings)
    if settings.demo and not shut and not _is_made(postgres):
        supervisor.start(parts.city(settings), on_ready=tell)
    say_ready(settings, say, shut=shut)


def say_ready(settings: Settings, say: Say, *, shut: bool) -> None:
    event: dict[str, Any] = {
        "event": "ready",
        "url": settings.public_url,
        "gateway": settings.gateway_url or f"http://{LOOPBACK}:{settings.gateway_port}",
        "home": str(settings.home),
        "shut": shut,
        "sign_in": None,
    }
    lines = [f"Civis is ready: {settings.public_url}"]
    if shut:
        lines.append("Its doors are shut: `civis restore match`, then `civis restore open`.")
    elif settings.demo:
        from app.demo.visitors import how_to_sign_in, sign_in  # noqa: PLC0415

        event["sign_in"] = sign_in(settings)
        lines.append(how_to_sign_in(settings))
    say(event, *lines)


@contextmanager
def _step(say: Say, name: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    _say_step(say, name, time.monotonic() - begun)


def _say_step(say: Say, name: str, seconds: float) -> None:
    event = {"event": "step", "name": name, "seconds": round(seconds, 1)}
    say(event, f"  {name:<10} {seconds:5.1f} s")


# The heavy libraries are imported only when their step is due, so the first lines come at once.
def _migrate(settings: Settings) -> None:
    from app.migrations import upgrade  # noqa: PLC0415

    upgrade(settings.database_url(DatabaseRole.MIGRATOR))


def _deploy(settings: Settings, contracts: Path) -> None:
    if settings.deployment_file.exists():
        return
    from app.chain.deploying.first_deployment import FAULTS, deploy_embedded  # noqa: PLC0415

    try:
        deploy_embedded(settings, contracts)
    except FAULTS as error:
        raise EmbeddedError(
            f"The contracts could not be deployed ({type(error).__name__}: {error}): see the "
            f"nodes' logs in {settings.home / 'log'}, and start again."
        ) from error


def _are_shut(settings: Settings) -> bool:
    from app.db import Database  # noqa: PLC0415
    from app.doors import are_shut  # noqa: PLC0415

    database = Database(settings.database_url(), name="civis run")
    try:
        with database.session() as session:
            return are_shut(session)
    finally:
        database.dispose()


def _is_made(postgres: Postgres) -> bool:
    with postgres.connect(DATABASE) as connection:
        return is_made(connection)
